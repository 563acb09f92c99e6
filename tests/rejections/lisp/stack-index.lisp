;; code: V0125
;; real: yes
;; A table of counters on the stack, indexed by the number of the processor.
(defmap busiest :type :array :key u32 :value u64 :max-entries 1)

(defprog tally (:type :tc)
  (let ((table (struct-alloc 64))
        (cpu (get-smp-processor-id)))
    (store u64 (+ table (* cpu 8)) 0 1)                     ;-
;   ^ root
;+  (when (< cpu 8)
;+    (store u64 (+ table (* cpu 8)) 0 1))
    (setf (getmap busiest 0) (load u64 table 0)))
  TC_ACT_OK)
