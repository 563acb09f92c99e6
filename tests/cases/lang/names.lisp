;;; the Ethernet header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 5
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (eth-dst-mac-hi p) #x84838281)
     (= (eth-dst-mac-lo p) #x8685)
     (= (eth-src-mac-hi p) #x8a898887)
     (= (eth-src-mac-lo p) #x8c8b)
     (= (eth-type p) #x8d8e)))

;;; the IPv4 header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 10
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (ipv4-ver-ihl p) #x81)
     (= (ipv4-tos p) #x82)
     (= (ipv4-total-len p) #x8384)
     (= (ipv4-id p) #x8586)
     (= (ipv4-frag-off p) #x8788)
     (= (ipv4-ttl p) #x89)
     (= (ipv4-protocol p) #x8a)
     (= (ipv4-checksum p) #x8c8b)
     (= (ipv4-src-addr p) #x908f8e8d)
     (= (ipv4-dst-addr p) #x94939291)))

;;; the IPv6 header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 8
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (ipv6-ver-tc-flow p) #x81828384)
     (= (ipv6-payload-len p) #x8586)
     (= (ipv6-nexthdr p) #x87)
     (= (ipv6-hop-limit p) #x88)
     (= (ipv6-src-addr-hi p) #x908f8e8d8c8b8a89)
     (= (ipv6-src-addr-lo p) #x9897969594939291)
     (= (ipv6-dst-addr-hi p) #xa09f9e9d9c9b9a99)
     (= (ipv6-dst-addr-lo p) #xa8a7a6a5a4a3a2a1)))

;;; the ICMP header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 4
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (icmp-type p) #x81)
     (= (icmp-code p) #x82)
     (= (icmp-checksum p) #x8483)
     (= (icmp-rest p) #x88878685)))

;;; the TCP header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 9
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (tcp-src-port p) #x8182)
     (= (tcp-dst-port p) #x8384)
     (= (tcp-seq p) #x85868788)
     (= (tcp-ack-seq p) #x898a8b8c)
     (= (tcp-data-off p) #x8d)
     (= (tcp-flags p) #x8e)
     (= (tcp-window p) #x8f90)
     (= (tcp-checksum p) #x9291)
     (= (tcp-urgent p) #x9394)))

;;; the UDP header, field by field
;; packet 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0
;; => 4
(let ((p (xdp-data)))
  (when (> (+ p 64) (xdp-data-end)) (return 99))
  (+ (= (udp-src-port p) #x8182)
     (= (udp-dst-port p) #x8384)
     (= (udp-length p) #x8586)
     (= (udp-checksum p) #x8887)))

;;; constants of the protocols
;; => 20
(+ (= +ethertype-ipv4+ 2048)
   (= +ethertype-ipv6+ 34525)
   (= +ethertype-arp+ 2054)
   (= +ethertype-vlan+ 33024)
   (= +eth-hdr-len+ 14)
   (= +ipv4-hdr-len+ 20)
   (= +ip-proto-icmp+ 1)
   (= +ip-proto-tcp+ 6)
   (= +ip-proto-udp+ 17)
   (= +ip-proto-ipv6-icmp+ 58)
   (= +ipv6-hdr-len+ 40)
   (= +icmp-hdr-len+ 8)
   (= +tcp-hdr-len+ 20)
   (= +tcp-fin+ 1)
   (= +tcp-syn+ 2)
   (= +tcp-rst+ 4)
   (= +tcp-psh+ 8)
   (= +tcp-ack+ 16)
   (= +tcp-urg+ 32)
   (= +udp-hdr-len+ 8))

;;; constants of verdicts and flags
;; => 15
(+ (= XDP_ABORTED 0)
   (= XDP_DROP 1)
   (= XDP_PASS 2)
   (= XDP_TX 3)
   (= XDP_REDIRECT 4)
   (= BPF_ANY 0)
   (= BPF_NOEXIST 1)
   (= BPF_EXIST 2)
   (= NULL 0)
   (= TC_ACT_OK 0)
   (= TC_ACT_SHOT 2)
   (= TC_ACT_STOLEN 4)
   (= TC_ACT_REDIRECT 7)
   (= SK_DROP 0)
   (= SK_PASS 1))

;;; macro: with-packet
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 14
(with-packet (data end :min-len 14) (return (if (<= (+ data 14) end) 14 0)))

;;; macro: with-eth
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 2048
(with-eth (data end) (return (eth-type data)))

;;; macro: with-ipv4
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 6
(with-ipv4 (data end ip) (return (ipv4-protocol ip)))

;;; macro: with-ipv4 passes others by
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 86 dd 60 00 00 00 00 14 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 7
(with-ipv4 (data end ip) (return 1))
7

;;; macro: with-ipv6
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 86 dd 60 00 00 00 00 14 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 6
(with-ipv6 (data end ip) (return (ipv6-nexthdr ip)))

;;; macro: with-tcp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 80
(with-tcp (data end tcp) (return (tcp-dst-port tcp)))

;;; macro: with-udp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 11 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 35 00 1a 00 00 00 00 00 00 00 00 00 00 00 00 00 00
;; => 53
(with-udp (data end udp) (return (udp-dst-port udp)))

;;; macro: with-icmp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 01 00 00 0a 00 00 01 0a 00 00 02 08 00 f7 ff 00 01 00 02 00 00 00 00 00 00 00 00 00 00 00 00
;; => 8
(with-icmp (data end icmp) (return (icmp-type icmp)))

;;; macro: parse-eth
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 2048
(when-let ((eth (parse-eth (xdp-data) (xdp-data-end)))) (return (eth-type eth)))

;;; macro: parse-ipv4
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 64
(when-let ((ip (parse-ipv4 (xdp-data) (xdp-data-end)))) (return (ipv4-ttl ip)))

;;; macro: parse-ipv6
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 86 dd 60 00 00 00 00 14 06 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 64
(when-let ((ip (parse-ipv6 (xdp-data) (xdp-data-end)))) (return (ipv6-hop-limit ip)))

;;; parse-tcp, by macro
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 1234
(when-let ((tcp (parse-tcp (xdp-data) (xdp-data-end)))) (return (tcp-src-port tcp)))

;;; macro: parse-udp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 11 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 35 00 1a 00 00 00 00 00 00 00 00 00 00 00 00 00 00
;; => 1234
(when-let ((udp (parse-udp (xdp-data) (xdp-data-end)))) (return (udp-src-port udp)))

;;; macro: parse-udp of something else
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 5
(when-let ((udp (parse-udp (xdp-data) (xdp-data-end)))) (return (udp-src-port udp)))
5

;;; macro: parse-icmp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 01 00 00 0a 00 00 01 0a 00 00 02 08 00 f7 ff 00 01 00 02 00 00 00 00 00 00 00 00 00 00 00 00
;; => 1
(when-let ((icmp (parse-icmp (xdp-data) (xdp-data-end)))) (return (= (icmp-type icmp) 8)))

;;; macro: with-tc-packet
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 1
(defprog p (:type :tc)
  (with-tc-packet (data end :min-len 14) (return (<= (+ data 14) end)))
  9)

;;; macro: with-tc-eth
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 2048
(defprog p (:type :tc)
  (with-tc-eth (data end) (return (eth-type data)))
  9)

;;; macro: with-tc-ipv4
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 6
(defprog p (:type :tc)
  (with-tc-ipv4 (data end ip) (return (ipv4-protocol ip)))
  9)

;;; macro: with-tc-tcp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 80
(defprog p (:type :tc)
  (with-tc-tcp (data end tcp) (return (tcp-dst-port tcp)))
  9)

;;; macro: with-tc-udp
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 11 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 35 00 1a 00 00 00 00 00 00 00 00 00 00 00 00 00 00
;; => 53
(defprog p (:type :tc)
  (with-tc-udp (data end udp) (return (udp-dst-port udp)))
  9)

;;; macro: tc-data, tc-data-end
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00 00 2e 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 00 50 01 02 03 04 00 00 00 00 50 02 fa f0 00 00 00 00
;; => 54
(defprog p (:type :tc)
  (- (tc-data-end) (tc-data)))
