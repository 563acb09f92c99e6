;;; How large are the requests that reach the disks? And who sends them?
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/block-io.lisp

(deftracepoint block/block-rq-issue bytes)

(defprog issued (:type :tracepoint :section "tracepoint/block/block_rq_issue")
  (hist @request-bytes (tp-bytes))
  (sum @bytes-by-process (tp-bytes) (current-comm))
  0)

(attach issued)
(run-for 1)
(format t "Bytes per request:~%")
(show @request-bytes)
(format t "Bytes by process:~%")
(show @bytes-by-process :top 8)
