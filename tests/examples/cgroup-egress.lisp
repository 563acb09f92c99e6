;;; What does a control group send? Packets and bytes that leave it, by destination port.
;;;   veery run tests/examples/cgroup-egress.lisp      (the whole tree: change the directory)

(defstruct traffic
  (bytes u64)
  (packets u64))

(defmap sent :type :hash :key u16 :value (struct traffic) :max-entries 4096)

(defconstant +inet+ 2)

;; At this hook packets begin with their IP header.
(defprog account (:type :cgroup-skb :section "cgroup_skb/egress")
  (let ((ports (struct-alloc 4))
        (first (struct-alloc 4)))
    (when (/= (ctx family) +inet+)
      (return 1))
    (skb-load-bytes (ctx-ptr) 0 first 1)
    (skb-load-bytes (ctx-ptr) (<< (logand (load u8 first 0) 15) 2) ports 4)
    (let ((port u16 (ntohs (load u16 ports 2))))
      (if-let (known (getmap sent port))
        (progn
          (atomic-add known 0 (ctx len))
          (atomic-add known 8 1))
        (let ((new (make-traffic)))
          (setf (traffic-bytes new) (ctx len)
                (traffic-packets new) 1)
          (setf (getmap sent port) new)))))
  1)

(attach account "/sys/fs/cgroup")
(run-for 1)
(format t "~6@a ~10@a ~12@a~%" "port" "packets" "bytes")
(loop for (port . traffic) in (map-entries sent)
      do (format t "~6d ~10d ~12d~%" port
                 (traffic-record-packets traffic) (traffic-record-bytes traffic)))
