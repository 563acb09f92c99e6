;;; How large are the requests that reach the disks? And who sends them?
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/block-io.lisp

(deftracepoint block/block-rq-issue bytes)

(defmap sizes :type :array :key u32 :value u64 :max-entries 32)
(defmap bytes-by-pid :type :hash :key u32 :value u64 :max-entries 4096)

(defprog issued (:type :tracepoint :section "tracepoint/block/block_rq_issue")
  (incf (getmap sizes (min 31 (log2 (tp-bytes)))))
  (incf (getmap bytes-by-pid (current-pid)) (tp-bytes))
  0)

(attach issued)
(run-for 1)
(format t "Bytes per request:~%")
(show-hist sizes)
(format t "Bytes by process:~%")
(bars bytes-by-pid :top 8)
