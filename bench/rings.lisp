;;; How many records of a ring buffer a Lisp callback takes in a second of CPU time: each is
;;; decoded into a structure, handed to a function and counted in a hash table by one field.
;;; The second struct carries the texts that records usually carry.

(defstruct small (pid u32) (cpu u32) (when-ns u64))
(defstruct large (pid u32) (cpu u32) (when-ns u64) (comm (array u8 16)) (path (array u8 64)))
(defmap small-ring :type :ringbuf :max-entries 67108864 :value (struct small))
(defmap large-ring :type :ringbuf :max-entries 268435456 :value (struct large))

(defprog fill-small (:type :xdp)
  (do-range (i 0 1000000)
    (with-ringbuf (r small-ring (sizeof small))
      (setf (small-pid r) (logand i 1023) (small-cpu r) 0 (small-when-ns r) i)))
  XDP_PASS)

(defprog fill-large (:type :xdp)
  (do-range (i 0 1000000)
    (with-ringbuf (r large-ring (sizeof large))
      (setf (large-pid r) (logand i 1023) (large-cpu r) 0 (large-when-ns r) i)
      (memset (large-comm-ptr r) 0 97 16)
      (memset (large-path-ptr r) 0 98 64)))
  XDP_PASS)

(defun drain (name program ring pid-of)
  (let ((counts (make-hash-table)) (records 0) (start 0) (spent 0))
    (test-run program (make-list 64 :initial-element 0))
    (setf start (get-internal-run-time))
    (setf records (ring-poll ring 0 (lambda (r) (incf (gethash (funcall pid-of r) counts 0)))))
    (setf spent (/ (- (get-internal-run-time) start) 1.0 internal-time-units-per-second))
    (format t "~a ~8d records ~7,3f s ~6,2f million a second, ~d keys~%" name records spent
            (/ records spent 1000000) (hash-table-count counts))))

(drain "16 bytes" 'fill-small 'small-ring #'small-record-pid)
(drain "96 bytes" 'fill-large 'large-ring #'large-record-pid)
