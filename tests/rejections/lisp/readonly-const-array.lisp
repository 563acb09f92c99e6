;; code: V0153
;; real: no
;; kind: read-only
;; A table of constants is written to through its address.
(defglobal weights (array u8 16) :const t)

(defprog adapt (:type :xdp)
  (store u8 weights 3 9)                                    ;-
; ^ root
;+(ctx rx-queue-index)
  (if (load u8 weights 3) XDP_DROP XDP_PASS))
