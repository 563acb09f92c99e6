;;; Answers ping in the driver: an ICMP echo request goes back out of the interface it came in
;;; by, without ever reaching the kernel's network stack.
;;;   veery run tests/examples/ping-reply.lisp
;;; As it stands it is only shown at work on one packet, by test-run; to use it:
;;;   (attach reply "eth0")

(defconstant +echo-reply+ 0)
(defconstant +echo-request+ 8)

(defmap answered :type :array :key u32 :value u64 :max-entries 1)

(defn swap-bytes (at end)
  ;; Exchange source and destination of the Ethernet and IPv4 headers.
  (when (> (+ at 34) end)
    (return 0))
  (let ((mac (struct-alloc 8))
        (ip (+ at +eth-hdr-len+))
        (source (ipv4-src-addr (+ at +eth-hdr-len+))))
    (memcpy mac 0 at 0 6)
    (memcpy at 0 at 6 6)
    (memcpy at 6 mac 0 6)
    (store u32 ip 12 (ipv4-dst-addr ip))
    (store u32 ip 16 source))
  1)

(defprog reply (:type :xdp)
  (with-icmp (data end icmp)
    (when (= (icmp-type icmp) +echo-request+)
      (swap-bytes data end)
      (store u8 icmp 0 +echo-reply+)
      ;; The type fell by 8 in the high byte of a 16-bit word, so the checksum rises by
      ;; #x0800, with the carry added at the bottom (RFC 1624).
      (let ((sum (+ (ntohs (icmp-checksum icmp)) #x0800)))
        (store u16 icmp 2 (htons (+ (logand sum #xffff) (>> sum 16)))))
      (incf (getmap answered 0))
      (return XDP_TX)))
  XDP_PASS)

(defparameter *request*
  (concatenate 'string
               "0202020202020606060606060800"                   ; Ethernet
               "4500001c000100004001f97d0a0000010a000002"       ; 10.0.0.1 > 10.0.0.2
               "0800f7fd00010001"))                             ; echo request

(multiple-value-bind (verdict packet) (test-run reply *request*)
  (format t "verdict ~d, type ~d, checksum ~4,'0x, to ~{~d~^.~}~%"
          verdict (elt packet 34)
          (+ (* 256 (elt packet 36)) (elt packet 37))
          (coerce (subseq packet 30 34) 'list)))
(format t "answered ~d~%" (map-ref answered 0))
