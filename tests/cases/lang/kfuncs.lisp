;;; a reference that is never given back
;; error C0031 3:20 never given back
(defprog p (:type :raw-tracepoint :section "tp_btf/sys_enter")
  (when-let ((task (bpf-task-from-pid 1))) (return 0))
  0)

;;; a result that may be null is tested
;; error C0031 4:5 may be null
(defprog p (:type :raw-tracepoint :section "tp_btf/sys_enter")
  (let ((task (bpf-task-from-pid 1)))
    (bpf-task-release task))
  0)

;;; flags of a declaration are believed
;; error C0031 5:5 may be null
(defkfunc bpf-task-from-pid ((pid i32)) task-struct :acquire :ret-null)
(defprog p (:type :raw-tracepoint :section "tp_btf/sys_enter")
  (let ((task (bpf-task-from-pid 1)))
    (bpf-task-release task))
  0)

;;; unknown flags of a declaration
;; error C0007 2:53 has the flags
(defkfunc bpf-task-from-pid ((pid i32)) task-struct :aquire)
(defprog p (:type :xdp) 0)

;;; a reference is taken, tested, given back
;; load
(defprog p (:type :syscall :section "syscall")
  (when-let ((task (bpf-task-from-pid 1)))
    (bpf-task-release task))
  0)

;;; return codes of cgroup address hooks
;; error C0024 2:65 2 is no return code
(defprog p (:type :cgroup-sock-addr :section "cgroup/connect4") 2)

;;; a declared result has the fields of its struct
;; load
(defkfunc bpf-task-from-pid ((pid s32)) (ptr task_struct) :acquire :ret-null :trusted)
(defkfunc bpf-task-release ((task (ptr task_struct))) void :release)
(defglobal seen u32)
(defprog p (:section "syscall")
  (when-let ((task (bpf-task-from-pid 1)))
    (setf seen (kernel-ref task tgid))
    (bpf-task-release task))
  0)
