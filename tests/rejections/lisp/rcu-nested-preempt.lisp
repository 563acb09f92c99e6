;; code: V0322
;; real: yes
;; kind: RCU and other sections
;; Preemption stays off when the map has no entry.
(defkfunc preempt-disable () void)
(defkfunc preempt-enable () void)
(defmap slots :type :hash :key u32 :value u64 :max-entries 4)

(defprog tick (:type :tc)
  (preempt-disable)
  (let ((s (map-lookup slots 0)))
    (unless s
      (return TC_ACT_OK))                                   ;-
;     ^ root
;+    (preempt-enable)
;+    (return TC_ACT_OK))
    (store u64 s 0 1))
  (preempt-enable)
  TC_ACT_OK)
