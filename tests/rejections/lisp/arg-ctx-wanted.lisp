;; code: V0509
;; real: no
;; kind: wrong argument
;; The first argument is the context of the program, here is the start of the packet.
(defprog pull (:type :tc)
  (skb-pull-data (tc-data) 64)                              ;-
; ^ root
;                ^ also
;+(skb-pull-data (ctx-ptr) 64)
  TC_ACT_OK)
