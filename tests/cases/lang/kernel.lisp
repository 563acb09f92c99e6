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

;;; fields through embedded structs, pointers, arrays and unions
;; load
(import-kernel-struct task_struct se signal comm real_parent)
(import-kernel-struct sched_entity load)
(defprog p (:type :kprobe)
  (let ((p (as-task-struct (get-current-task))) (i (logand (ktime-get-ns) 7)))
    (+ (kernel-ref p se load weight)
       (kernel-ref p signal (rlim 3) rlim-cur)
       (kernel-ref p signal (rlim i) rlim-cur)
       (kernel-ref p mm mm-count counter)
       (kernel-ref p (comm 1))
       (kernel-ref p (comm i))
       (kernel-ref sock (kernel-ref-ptr p mm) --sk-common skc-family)
       (kernel-ref sched-entity (task-struct-se p) load weight)
       (load u8 (task-struct-comm (task-struct-real-parent p))))))

;;; plain loads where the verifier knows the type
;; load
;; insns <= 13
(defprog p (:section "tp_btf/sched_switch")
  (+ (kernel-ref (ctx next) real-parent tgid)
     (kernel-ref (ctx prev) mm owner in-execve)))

;;; a field of what a kernel function gives
;; load
(defprog p (:type :tc)
  (let ((pid 0))
    (when-let ((task (bpf-task-from-pid 1)))
      (setf pid (kernel-ref task real-parent pid))
      (bpf-task-release task))
    pid))

;;; pointers change in a loop: probed
;; load
(defprog p (:type :tc)
  (let ((p (get-current-task-btf)))
    (dotimes (i 4) (setf p (kernel-ref task-struct p real-parent)))
    (kernel-ref task-struct p pid)))

;;; seen as another struct: probed
;; load
(import-kernel-struct tcp_sock snd_cwnd)
(defprog p (:section "tp_btf/tcp_destroy_sock")
  (tcp-sock-snd-cwnd (as-tcp-sock (ctx sk))))

;;; arguments and result by name
;; load
(defprog p (:section "kprobe/vfs_read")
  (+ (ctx count) (kernel-ref (ctx file) f-flags)))
(defprog q (:section "kretprobe/vfs_read")
  (ctx retval))
