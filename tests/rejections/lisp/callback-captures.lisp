;; code: V0124
;; real: yes
;; kind: callback
;; The callback's context is one number; it writes the second.
(defn body (i acc)
  (store u64 acc 8 i)                                       ;-
; ^ root
;+(store u64 acc 0 i)
  0)
(defprog last (:type :tc)
  (let ((n u64 0))
    (bpf-loop 10 body (stack-addr n) 0))
  TC_ACT_OK)
