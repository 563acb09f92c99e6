;;; one field by four roads: plain loads, probing, a chain, accessors
;;| t
;;| 0
(import-kernel-struct task_struct tgid group_leader)
(defmap out :type :array :key-size 4 :value-size 8 :max-entries 2)
(defprog p (:section "raw_tp/sys_enter")
  (let ((known (get-current-task-btf))
        (any (as-task-struct (get-current-task)))
        (pid (>> (get-current-pid-tgid) 32)))
    (incf (getmap out 0))
    (unless (and (= pid (kernel-ref known tgid))
                 (= pid (task-struct-tgid any))
                 (= pid (kernel-ref known group-leader group-leader tgid))
                 (= pid (task-struct-tgid (task-struct-group-leader any)))
                 (= (kernel-ref known parent pid) (kernel-ref task-struct any parent pid)))
      (incf (getmap out 1)))
    0))
(attach p)
(sleep 0.01)
(detach p)
(print (> (map-ref out 0) 0))
(print (map-ref out 1))

;;; text of a field
;;| t
;;| 0
(defmap out :type :array :key-size 4 :value-size 8 :max-entries 2)
(defprog p (:section "raw_tp/sys_enter")
  (let ((said (current-comm)))
    (incf (getmap out 0))
    (unless (and (mem= said (kernel-ref (get-current-task-btf) comm) 16)
                 (mem= said (kernel-ref task-struct (get-current-task) comm) 16))
      (incf (getmap out 1)))
    0))
(attach p)
(sleep 0.01)
(detach p)
(print (> (map-ref out 0) 0))
(print (map-ref out 1))

;;; arguments of a tracepoint by name, their structs by type
;;| (t t)
(defmap out :type :array :key-size 4 :value-size 8 :max-entries 8)
(defprog p (:section "tp_btf/sched_switch")
  (let ((prev (ctx prev)) (next (ctx next)))
    (if (= (kernel-ref prev pid) (cast u32 (get-current-pid-tgid)))
        (incf (getmap out 0))
        (incf (getmap out 1)))
    (when (= (kernel-ref next (comm 0)) (load u8 (kernel-ref next comm)))
      (incf (getmap out 2)))
    0))
(attach p)
(dotimes (i 20) (sleep 0.001))
(detach p)
(print (list (> (map-ref out 0) 0) (>= (map-ref out 0) (map-ref out 1))))

;;; raw tracepoints know the types too, but not the verifier: they are probed
;;| t
(defmap out :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog p (:section "raw_tp/sched_switch")
  (when (= (kernel-ref (ctx prev) pid) (cast u32 (get-current-pid-tgid)))
    (incf (getmap out 0)))
  0)
(attach p)
(dotimes (i 20) (sleep 0.001))
(detach p)
(print (> (map-ref out 0) 0))

;;; an iterator writes what it finds
;;| 1
(defprog p (:section "iter/task")
  (let ((task (ctx task)))
    (when task
      (when (= (kernel-ref task pid) (>> (get-current-pid-tgid) 32))
        (seq-write (kernel-ref (ctx meta) seq) (stack-string "one") 3)))
    0))
(print (count #\o (run-iterator p)))

;;; what the kernel has, asked when the program is loaded
;;| (1 0 16 1 11 0)
(defmap out :type :array :key-size 4 :value-size 8 :max-entries 8)
(defprog p (:type :xdp)
  (setf (getmap out 0) (core-field-exists task-struct comm)
        (getmap out 1) (core-field-exists task-struct no-such-field)
        (getmap out 2) (core-field-size task-struct comm)
        (getmap out 3) (core-type-exists task-struct)
        (getmap out 4) (core-enum-value bpf_map_type BPF_MAP_TYPE_LPM_TRIE)
        (getmap out 5) (core-enum-exists bpf_map_type BPF_MAP_TYPE_NO_SUCH))
  0)
(test-run p (make-list 64 :initial-element 0))
(print (mapcar (lambda (i) (map-ref out i)) '(0 1 2 3 4 5)))

;;; fields that this kernel lacks, behind a question
;;| 7
(defprog p (:type :xdp)
  (cond ((core-field-exists task-struct no-such-field)
         (kernel-ref task-struct (get-current-task-btf) no-such-field))
        ((core-field-exists task-struct comm) 7)
        (t (kernel-ref task-struct (get-current-task-btf) (another-one u32)))))
(print (test-run p (make-list 64 :initial-element 0)))
