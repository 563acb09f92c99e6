;;; How long does each system call take? Count, total and longest time by call number.
;;;   veery run tests/examples/syscall-latency.lisp
;;; Needs no tracefs: the two raw tracepoints are always there.

(defstruct timing
  (calls u64)
  (total-ns u64)
  (longest-ns u64))

(defmap entered :type :hash :key u32 :value u64 :max-entries 16384)
(defmap timings :type :hash :key u32 :value (struct timing) :max-entries 1024)

(defprog call-begins (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (setf (getmap entered (current-tid)) (ktime-get-ns))
  0)

;; Arguments of sys_exit: the registers, and the value returned. The number of the call is
;; what the kernel keeps in orig_ax for this purpose.
(import-kernel-struct pt_regs orig_ax)

(defprog call-ends (:type :raw-tracepoint :section "raw_tp/sys_exit")
  (let ((thread u32 (current-tid)))
    (when-let ((began (getmap entered thread)))
      (let ((took (- (ktime-get-ns) began))
            (number u32 (pt-regs-orig-ax (ctx u64 0))))
        (remmap entered thread)
        (if-let (known (getmap timings number))
          (progn
            (incf (timing-calls known))
            (incf (timing-total-ns known) took)
            (setf (timing-longest-ns known) (max took (timing-longest-ns known))))
          (let ((new (make-timing)))
            (setf (timing-calls new) 1
                  (timing-total-ns new) took
                  (timing-longest-ns new) took)
            (setf (getmap timings number) new))))))
  0)

(attach call-begins)
(attach call-ends)
(run-for 1)
(detach call-begins)
(detach call-ends)

(format t "~8@a ~10@a ~12@a ~12@a~%" "call" "times" "mean ns" "longest ns")
(let ((rows (sort (map-entries timings) #'>
                  :key (lambda (row) (timing-record-total-ns (cdr row))))))
  (loop for (number . timing) in rows
        repeat 15
        do (format t "~8d ~10d ~12d ~12d~%"
                   number
                   (timing-record-calls timing)
                   (floor (timing-record-total-ns timing) (timing-record-calls timing))
                   (timing-record-longest-ns timing))))
