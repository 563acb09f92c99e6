;;; TCP segments sent again, by destination port: the first sign of a bad network.
;;;   mount -t tracefs tracefs /sys/kernel/tracing
;;;   veery run tests/examples/tcp-retransmit.lisp

(deftracepoint tcp/tcp-retransmit-skb dport)

(defprog count-retransmits (:type :tracepoint :section "tracepoint/tcp/tcp_retransmit_skb")
  (count @sent-again (tp-dport))
  0)

(attach count-retransmits)
(run-for 2)
(format t "Segments sent again, by port:~%")
(show @sent-again)
