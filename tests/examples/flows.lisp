;;; Flows leaving an interface: bytes and packets by addresses and ports.
;;;   veery run tests/examples/flows.lisp      (on the loopback interface: change "lo")

(defstruct flow
  (source u32)
  (destination u32)
  (source-port u16)
  (destination-port u16)
  (protocol u32))

(defstruct volume
  (bytes u64)
  (packets u64))

(defmap flows :type :lru-hash :key (struct flow) :value (struct volume) :max-entries 16384)

;; TCP and UDP have their ports at the same place.
(defprog account (:type :tc)
  (with-tc-packet (data end :min-len 42)
    (when (/= (eth-type data) +ethertype-ipv4+)
      (return TC_ACT_OK))
    (let* ((ip (+ data +eth-hdr-len+))
           (ports (+ ip +ipv4-hdr-len+))
           (protocol (ipv4-protocol ip))
           (key (make-flow)))
      (setf (flow-source key) (ntohl (ipv4-src-addr ip))
            (flow-destination key) (ntohl (ipv4-dst-addr ip))
            (flow-protocol key) protocol)
      (when (or (= protocol +ip-proto-tcp+) (= protocol +ip-proto-udp+))
        (setf (flow-source-port key) (udp-src-port ports)
              (flow-destination-port key) (udp-dst-port ports)))
      (if-let (known (map-lookup-ptr flows key))
        (progn
          (incf (volume-bytes known) (ctx len))
          (incf (volume-packets known)))
        (let ((new (make-volume)))
          (setf (volume-bytes new) (ctx len)
                (volume-packets new) 1)
          (map-update-ptr flows key new BPF_ANY)))))
  TC_ACT_OK)

(defun dotted (address)
  (format nil "~{~d~^.~}" (loop for shift in '(-24 -16 -8 0)
                                collect (logand (ash address shift) 255))))

(attach account "lo" :egress t)
(run-for 1)
(detach account)

(let ((rows (sort (map-entries flows) #'>
                  :key (lambda (row) (volume-record-bytes (cdr row))))))
  (loop for (flow . volume) in rows
        repeat 10
        do (format t "~a:~d > ~a:~d protocol ~d: ~d packets, ~d bytes~%"
                   (dotted (flow-record-source flow)) (flow-record-source-port flow)
                   (dotted (flow-record-destination flow))
                   (flow-record-destination-port flow)
                   (flow-record-protocol flow)
                   (volume-record-packets volume) (volume-record-bytes volume))))
