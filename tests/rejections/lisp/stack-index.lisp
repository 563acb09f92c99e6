;; code: V0125
;; real: yes
;; kind: stack bounds
;; A table of counters on the stack, indexed by a queue number of any size.
(defmap busiest :type :array :key u32 :value u64 :max-entries 1)

(defprog tally (:type :tc)
  (let ((table (struct-alloc 64))
        (queue (logand (ctx queue-mapping) 15)))
    (store u64 (+ table (* queue 8)) 0 1)                   ;-
;   ^ root
;+  (when (< queue 8)
;+    (store u64 (+ table (* queue 8)) 0 1))
    (setf (getmap busiest 0) (load u64 table 0)))
  TC_ACT_OK)
