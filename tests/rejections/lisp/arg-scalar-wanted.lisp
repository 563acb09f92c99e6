;; code: V0162
;; real: no
;; kind: wrong argument
;; caps: bpf
;; The flags are a pointer by mistake.
(defprog clone (:type :tc)
  (clone-redirect (ctx-ptr) 1 (ctx-ptr))                    ;-
;+(clone-redirect (ctx-ptr) 1 0)
; ^ root
;                             ^ also
  TC_ACT_OK)
