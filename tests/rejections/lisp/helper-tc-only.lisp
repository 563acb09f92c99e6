;; code: V0502
;; real: no
;; kind: not available here
;; XDP has bpf-redirect, clones are tc's.
(defprog mirror (:type :xdp)
  (clone-redirect (ctx-ptr) 2 0)                            ;-
; ^ root
;+(redirect 2 0)
  XDP_PASS)
