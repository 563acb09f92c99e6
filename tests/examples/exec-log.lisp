;;; Every program started on this machine, as it starts: when, by whom, which file.
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/exec-log.lisp

(deftracepoint sched/sched-process-exec filename pid)

(defstruct start
  (when-ns u64)
  (pid u32)
  (uid u32)
  (path (array u8 96)))

(defmap starts :type :ringbuf :max-entries (* 128 1024))

;; The name of the file has no fixed place in the record: -ptr finds it.
(defprog log-exec (:type :tracepoint :section "tracepoint/sched/sched_process_exec")
  (with-ringbuf (record starts (sizeof start))
    (setf (start-when-ns record) (ktime-get-ns)
          (start-pid record) (tp-pid)
          (start-uid record) (current-uid))
    (probe-read-kernel-str (start-path-ptr record) 96
                           (tp-filename-ptr)))
  0)

(defparameter *first* nil)

(on-event starts
  (lambda (bytes)
    (let* ((record (decode-start bytes))
           (path (start-record-path record)))
      (unless *first*
        (setf *first* (start-record-when-ns record)))
      (format t "~8,3f s  pid ~d  uid ~d  ~a~%"
              (/ (- (start-record-when-ns record) *first*) 1000000000.0)
              (start-record-pid record)
              (start-record-uid record)
              (map 'string #'code-char (subseq path 0 (position 0 path)))))))

(attach log-exec)
(run-for 1)
