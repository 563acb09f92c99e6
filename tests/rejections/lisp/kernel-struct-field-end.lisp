;; code: V0712
;; real: no
;; kind: kernel object
;; Far behind the end of struct task_struct.
(defmap seen :type :hash :key u32 :value u64 :max-entries 16)

(defprog far (:type :tc)
  (when-let ((task (bpf-task-from-pid 1)))
    (incf (getmap seen (load u32 task 60000)))              ;-
;                      ^ root
;+  (incf (getmap seen (load u32 task 44)))
    (bpf-task-release task))
  TC_ACT_OK)
