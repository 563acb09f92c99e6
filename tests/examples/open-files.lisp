;;; Who opens which files? Every openat(2) as it happens, then a count by process.
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/open-files.lisp

(deftracepoint syscalls/sys-enter-openat filename)

(defstruct opening
  (pid u32)
  (uid u32)
  (comm (array u8 16))
  (path (array u8 128)))

(defmap openings :type :ringbuf :max-entries (* 256 1024))
(defmap opens-by-pid :type :hash :key u32 :value u64 :max-entries 4096)

(defprog note-open (:type :tracepoint :section "tracepoint/syscalls/sys_enter_openat")
  (incf (getmap opens-by-pid (current-pid)))
  (with-ringbuf (record openings (sizeof opening))
    (fill-process-info record :pid-field opening-pid :uid-field opening-uid
                              :comm-field opening-comm-ptr)
    (probe-read-user-str (opening-path-ptr record) 128 (tp-filename)))
  0)

(defun text (bytes)
  "The characters of BYTES up to the first zero."
  (map 'string #'code-char (subseq bytes 0 (position 0 bytes))))

(defparameter *shown* 0)

(on-event openings
  (lambda (bytes)
    (let ((record (decode-opening bytes)))
      (when (< *shown* 20)
        (incf *shown*)
        (format t "~7d ~16a ~a~%"
                (opening-record-pid record)
                (text (opening-record-comm record))
                (text (opening-record-path record)))))))

(attach note-open)
(run-for 1)
(detach note-open)

(format t "~%Files opened, by process:~%")
(bars opens-by-pid :top 10)
