;;; Drop packets to the ports in a map, counting them; the map is edited while it runs.
;;;   veery run tests/examples/drop-port.lisp      (on the loopback interface: change "lo")

(defmap blocked :type :hash :key u16 :value u64 :max-entries 256)
(defmap passed :type :percpu-array :key u32 :value u64 :max-entries 1)

;; A blocked port is a key whose value counts what was dropped.
(defprog drop-ports (:type :xdp)
  (with-packet (data end :min-len 14)
    (let ((port u16 0))
      (if-let (udp (parse-udp data end))
        (setf port (udp-dst-port udp))
        (when-let ((tcp (parse-tcp data end)))
          (setf port (tcp-dst-port tcp))))
      (when-let ((dropped (map-lookup blocked port)))
        (atomic-add dropped 0 1)
        (return XDP_DROP))
      (incf (getmap passed 0))))
  XDP_PASS)

(dolist (port '(23 7777))
  (setf (map-ref blocked port) 0))
(attach drop-ports "lo")
(run-for 1)

(loop for (port . dropped) in (map-entries blocked)
      do (format t "port ~d: ~d packets dropped~%" port dropped))
