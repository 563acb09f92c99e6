;; code: V0155
;; real: no
;; kind: wrong argument
;; There is no buffer: the destination is 0.
(defprog who (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (get-current-comm 0 16)                                   ;-
; ^ root
;                   ^ also
;+(get-current-comm (struct-alloc 16) 16)
  0)
