;;; A dispatcher: one program per protocol, reached by tail calls through a table that is
;;; edited at the prompt. Redefine a handler and put it in: the others do not notice.
;;;   veery run tests/examples/dispatch.lisp      (on the loopback interface: change "lo")

(defmap handlers :type :prog-array :key u32 :value u32 :max-entries 256)
(defmap handled :type :array :key u32 :value u64 :max-entries 256)
(defglobal unhandled u64)

(defmacro defhandler (name protocol &body body)
  "A program for packets of PROTOCOL that counts them before BODY."
  `(defprog ,name (:type :xdp)
     (incf (getmap handled ,protocol))
     ,@body))

(defhandler on-tcp +ip-proto-tcp+
  XDP_PASS)

(defhandler on-udp +ip-proto-udp+
  (with-udp (data end udp)
    (when (= (udp-dst-port udp) 7)      ; no echo here
      (return XDP_DROP)))
  XDP_PASS)

(defprog dispatch (:type :xdp)
  (with-ipv4 (data end ip)
    (tail-call handlers (ipv4-protocol ip))
    (incf unhandled))
  XDP_PASS)

(setf (map-ref handlers 6) on-tcp
      (map-ref handlers 17) on-udp)
(attach dispatch "lo")
(run-for 1)
(format t "TCP ~d, UDP ~d, other ~d~%"
        (map-ref handled 6) (map-ref handled 17) (map-ref unhandled 0))
