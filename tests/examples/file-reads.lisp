;;; How much do processes read and write, and how often for nothing? Histograms by process.
;;;   veery run tests/examples/file-reads.lisp
;;; sys_exit hands over the registers; orig_ax is the number of the call, ax what it returned.

(import-kernel-struct pt_regs orig_ax)

(defconstant sys-read 0)
(defconstant sys-write 1)

(defprog call-ends (:type :raw-tracepoint :section "raw_tp/sys_exit")
  (let ((number (pt-regs-orig-ax (ctx u64 0)))
        (result (the i64 (ctx u64 8))))
    (case number
      (sys-read
       (if (< result 0)
           (count @failed-reads (current-comm))
           (hist @read-bytes result (current-comm))))
      (sys-write
       (when (> result 0)
         (stats @written result (current-comm))))))
  0)

(attach call-ends)
(run-for 1)
(detach call-ends)

(format t "Bytes per read, by process:~%")
(show @read-bytes :top 5)
(format t "~%Bytes written:~%")
(show @written :top 10)
(format t "~%Reads that failed:~%")
(show @failed-reads :top 10)
(format t "~d reads~%"
        (reduce #'+ (mapcar (lambda (row) (reduce #'+ (mapcar #'third (cdr row))))
                            (map-entries @read-bytes))))
