;;; kernel function without arguments
;; load
(defprog p (:type :tc)
  (bpf-rcu-read-lock)
  (bpf-rcu-read-unlock)
  0)

;;; kernel function declared by hand
;; load
(defkfunc rcu-read-lock () void)
(defkfunc rcu-read-unlock () void)
(defprog p (:type :tc)
  (rcu-read-lock)
  (rcu-read-unlock)
  0)

;;; kernel function with arguments
;; load
(defprog p (:type :tc)
  (when-let ((task (bpf-task-from-pid 1)))
    (bpf-task-release task))
  0)

;;; fields of kernel structs
;; load
(import-kernel-struct task_struct pid tgid real_parent comm)
(defprog p (:type :kprobe)
  (let* ((task (as-task-struct (get-current-task)))
         (parent (task-struct-real-parent task)))
    (+ (task-struct-pid task)
       (task-struct-tgid (as-task-struct parent)))))

;;; whole struct imported
;; load
(import-kernel-struct list_head)
(defprog p (:type :kprobe)
  (+ (list-head-next (get-current-task)) +list-head-size+))

;;; bit fields of kernel structs
;; load
(import-kernel-struct task_struct in_execve)
(defprog p (:type :kprobe)
  (task-struct-in-execve (get-current-task)))

;;; tracepoint fields, from tracefs or BTF
;; load
(deftracepoint sched/sched-process-fork parent-pid child-pid parent-comm)
(defprog p (:type :tracepoint :section "tracepoint/sched/sched_process_fork")
  (let ((comm (struct-alloc 16)))
    (probe-read-kernel-str comm 16 (tp-parent-comm-ptr))
    (+ (tp-parent-pid) (tp-child-pid) (load u8 comm 0))))

;;; system call tracepoints
;; load
(deftracepoint syscalls/sys-enter-openat)
(defprog p (:type :tracepoint)
  (tp-nr))
