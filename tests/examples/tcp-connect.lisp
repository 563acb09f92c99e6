;;; TCP connections going out: where to, and how long until the other side answered.
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/tcp-connect.lisp

(deftracepoint sock/inet-sock-set-state skaddr newstate dport family daddr)

(defconstant +established+ 1)
(defconstant +syn-sent+ 2)
(defconstant +close+ 7)
(defconstant +inet+ 2)

(defstruct connection
  (microseconds u64)
  (address u32)
  (port u16)
  (failed u8))

(defmap began :type :hash :key u64 :value u64 :max-entries 4096)
(defmap connections :type :ringbuf :max-entries (* 64 1024))

(defprog connecting (:type :tracepoint :section "tracepoint/sock/inet_sock_set_state")
  (let ((socket (tp-skaddr))
        (state (tp-newstate)))
    (cond ((/= (tp-family) +inet+) (return 0))
          ((= state +syn-sent+)
           (setf (getmap began socket) (ktime-get-ns)))
          ((or (= state +established+) (= state +close+))
           (when-let ((start (getmap began socket)))
             (remmap began socket)
             (let ((took (/ (- (ktime-get-ns) start) 1000)))
               (when (= state +established+)
                 (hist @connect-us took))
               (with-ringbuf (record connections (sizeof connection))
                 (setf (connection-microseconds record) took
                       (connection-address record) (ntohl (load u32 (tp-daddr) 0))
                       (connection-port record) (tp-dport)
                       (connection-failed record) (= state +close+))))))))
  0)

(defun dotted (address)
  (format nil "~{~d~^.~}" (loop for shift in '(-24 -16 -8 0)
                                collect (logand (ash address shift) 255))))

(defparameter *seen* (make-hash-table :test 'equal))

(on-event connections
  (lambda (bytes)
    (let* ((record (decode-connection bytes))
           (where (format nil "~a:~d~a"
                          (dotted (connection-record-address record))
                          (connection-record-port record)
                          (if (= 1 (connection-record-failed record)) " (failed)" ""))))
      (incf (gethash where *seen* 0)))))

(attach connecting)
(run-for 1)
(detach connecting)

(loop for where being the hash-keys of *seen* using (hash-value times)
      do (format t "~6d connections to ~a~%" times where))
(format t "Microseconds until established:~%")
(show @connect-us)
