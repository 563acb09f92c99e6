;; code: V0711
;; real: no
;; kind: read-only
;; A task's flags are the kernel's to write.
(defprog mark-task (:type :tc)
  (when-let ((task (bpf-task-from-pid 1)))
    (store u32 task 44 0)                                   ;-
;   ^ root
    (bpf-task-release task))
  TC_ACT_OK)
