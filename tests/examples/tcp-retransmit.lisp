;;; TCP segments sent again, by destination port: the first sign of a bad network.
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/tcp-retransmit.lisp

(deftracepoint tcp/tcp-retransmit-skb dport)

(defmap sent-again :type :hash :key u16 :value u64 :max-entries 1024)

(defprog count-retransmits (:type :tracepoint :section "tracepoint/tcp/tcp_retransmit_skb")
  (incf (getmap sent-again (tp-dport)))
  0)

(attach count-retransmits)
(run-for 2)
(loop for (port . times) in (map-entries sent-again)
      do (format t "port ~d: ~d segments sent again~%" port times))
