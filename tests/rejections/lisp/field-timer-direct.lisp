;; code: V0718
;; real: no
;; kind: field with its own functions
;; A timer is not a number to look at.
(defstruct entry (deadline (struct bpf-timer)) (n u64))
(defmap entries :type :array :key u32 :value entry :max-entries 1)

(defprog peek (:type :tc)
  (when-let ((e (getmap entries 0)))
    (when (= (load u64 e 0) 0)                              ;-
;            ^ root
;+  (when (= (entry-n e) 0)
      (return TC_ACT_SHOT)))
  TC_ACT_OK)
