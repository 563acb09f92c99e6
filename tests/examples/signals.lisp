;;; Who sends which signal to whom?
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/signals.lisp

(deftracepoint signal/signal-generate sig pid)

(defstruct signal
  (from u32)
  (to u32)
  (number u32))

(defmap signals :type :hash :key (struct signal) :value u64 :max-entries 1024)

(defprog count-signals (:type :tracepoint :section "tracepoint/signal/signal_generate")
  (let ((key (make-signal)))
    (setf (signal-from key) (current-pid)
          (signal-to key) (tp-pid)
          (signal-number key) (tp-sig))
    (incf (getmap signals key)))
  0)

(attach count-signals)
(run-for 1)
(loop for (signal . times) in (map-entries signals)
      do (format t "~d sent signal ~d to ~d, ~d times~%" (signal-record-from signal)
                 (signal-record-number signal) (signal-record-to signal) times))
