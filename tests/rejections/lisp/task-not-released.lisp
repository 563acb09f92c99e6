;; code: V0313
;; real: yes
;; kind: not released
;; Every task that is looked up is kept alive until it is released: here not for small packets.
(defmap found :type :array :key u32 :value u64 :max-entries 1)

(defprog is-alive (:type :tc)
  (let ((task (bpf-task-from-pid (ctx mark))))
    (when task
      (incf (getmap found 0))
      (when (< (ctx len) 64)
        (return TC_ACT_SHOT))                               ;-
;       ^ root
;+      (bpf-task-release task)
;+      (return TC_ACT_SHOT))
      (bpf-task-release task))
    TC_ACT_OK))
