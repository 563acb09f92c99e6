;; code: V0327
;; real: no
;; kind: callback
;; A round of bpf-loop says 0 for "go on" or 1 for "enough".
(defglobal total u64)
(defn body (i ctx)
  (incf total i)
  (+ i 2))                                                  ;-
; ^ root
;+0)
(defprog sum (:type :tc)
  (bpf-loop 10 body 0 0)
  TC_ACT_OK)
