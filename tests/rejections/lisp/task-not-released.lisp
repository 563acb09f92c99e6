;; code: V0313
;; real: yes
;; Every task that is looked up is kept alive until it is released.
(defmap found :type :array :key u32 :value u64 :max-entries 1)

(defprog is-alive (:type :tc)
  (let ((task (bpf-task-from-pid (ctx mark))))
;             ^ root
    (when task
      (incf (getmap found 0)))                              ;-
;+    (incf (getmap found 0))
;+    (bpf-task-release task))
    TC_ACT_OK))
