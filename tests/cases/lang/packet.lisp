;;; ethernet type
;; => 2048
(let ((data (ctx data)) (end (ctx data-end)))
  (when (> (+ data 14) end) (return 0))
  (eth-type data))

;;; ports
;; => 80
(let ((data (xdp-data)) (end (xdp-data-end)))
  (if (<= (+ data 54) end)
      (tcp-dst-port (+ data 34))
      0))

;;; truncated packet
;; packet 00 11 22 33 44 55 66 77 88 99 aa bb cc dd
;; => 9
(let ((data (xdp-data)) (end (xdp-data-end)))
  (if (> (+ data 54) end) 9 (tcp-dst-port (+ data 34))))

;;; header length from the packet
;; => 80
(let ((data (xdp-data)) (end (xdp-data-end)))
  (when (> (+ data 34) end) (return 1))
  (let* ((ip (+ data 14))
         (len (<< (logand (ipv4-ver-ihl ip) 15) 2))
         (tcp (+ ip len)))
    (when (> (+ tcp 20) end) (return 2))
    (tcp-dst-port tcp)))

;;; header fields can be written
;; => 4369
(let ((data (xdp-data)) (end (xdp-data-end)))
  (when (> (+ data 54) end) (return 1))
  (setf (tcp-dst-port (+ data 34)) #x1111)
  (load u16 data 36))

;;; user-defined header
;; => 1234
(defheader mytcp (sport :offset 0 :type u16 :net-order t))
(let ((data (xdp-data)) (end (xdp-data-end)))
  (when (> (+ data 54) end) (return 1))
  (mytcp-sport (+ data 34)))

;;; flags
;; => 1
(let ((data (xdp-data)) (end (xdp-data-end)))
  (when (> (+ data 54) end) (return 9))
  (and (logand (tcp-flags (+ data 34)) +tcp-syn+)
       (not (logand (tcp-flags (+ data 34)) +tcp-ack+))))

;;; tc context
;; => 64
(defprog p (:type :tc)
  (ctx len))

;;; tc context writes
;; => 77
(defprog p (:type :tc)
  (setf (ctx mark) 77)
  (setf (ctx cb 2) 5)
  (+ (ctx mark) (- (ctx cb 2) 5)))

;;; socket filter
;; load
(defprog p (:type :socket-filter)
  (ctx len))

;;; cgroup skb
;; => 1
(defprog p (:type :cgroup-skb)
  1)

;;; kprobe arguments
;; load
(defprog p (:type :kprobe)
  (let ((a (pt-regs-parm1)) (b (pt-regs-parm2)))
    (+ a b)))

;;; tracepoint by offset
;; load
(defprog p (:type :tracepoint :section "tracepoint/sched/sched_switch")
  (ctx-load u32 24))

;;; raw tracepoint
;; load
(defprog p (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (ctx u64 8))

;;; perf event
;; load
(defprog p (:type :perf-event)
  (ctx sample-period))

;;; helpers by name
;; load
(defprog p (:type :kprobe)
  (let ((b (struct-alloc 16)))
    (get-current-comm b 16)
    (+ (>> (get-current-pid-tgid) 32) (get-current-uid-gid) (load u8 b 0))))

;;; with-tcp
;; => 80
(with-tcp (data end tcp)
  (return (tcp-dst-port tcp)))
0

;;; with-tcp on a short packet passes
;; packet 00 11 22 33 44 55 66 77 88 99 aa bb 08 00 45
;; => 2
(with-tcp (data end tcp)
  (return 7))
9

;;; with-udp skips tcp
;; => 9
(with-udp (data end udp)
  (return 7))
9

;;; with-ipv4
;; => 6
(with-ipv4 (data end ip)
  (return (ipv4-protocol ip)))
0

;;; parse-tcp
;; => 80
(when-let ((tcp (parse-tcp (xdp-data) (xdp-data-end))))
  (tcp-dst-port tcp))

;;; parse-ipv6 yields nothing
;; => 4
(if-let (ip (parse-ipv6 (xdp-data) (xdp-data-end))) 3 4)

;;; find-transport past a VLAN tag
;; packet 02 00 00 00 00 02 02 00 00 00 00 01 81 00 00 05 08 00 45 00 00 28 12 34 00 00 40 06 00 00 0a 00 00 01 0a 00 00 02 04 d2 01 bb 00 00 00 00 00 00 00 00 50 02 00 00 00 00 00 00
;; => 443
(let ((data (xdp-data)) (end (xdp-data-end)))
  (find-transport (tcp data end +ip-proto-tcp+ 20)
    (return (tcp-dst-port tcp))))
0

;;; tc packets
;; => 80
(defprog p (:type :tc)
  (with-tc-tcp (data end tcp) (return (tcp-dst-port tcp)))
  1)

;;; process information
;; load
(defstruct ev (pid u32) (uid u32) (ts u64) (comm (array u8 16)))
(defmap r :type :ringbuf :max-entries 4096)
(defprog p (:type :tracepoint)
  (with-ringbuf (e r (sizeof ev))
    (fill-process-info e :pid-field ev-pid :uid-field ev-uid :timestamp-field ev-ts
                         :comm-field ev-comm-ptr))
  0)

;;; arrays of user memory
;; load
(defprog p (:type :kprobe)
  (let ((n 0))
    (do-user-ptrs (q (pt-regs-parm1) (pt-regs-parm2) 4 :index i)
      (setf n (+ n q i)))
    (do-user-array (v u32 (pt-regs-parm1) (pt-regs-parm2) 4)
      (setf n (+ n v)))
    n))

;;; a condition tested twice leaves no impossible path
;; optimised only
;; => 80
(let ((data (xdp-data)) (end (xdp-data-end)))
  (when (> (+ data 34) end) (return 1))
  (let ((proto (ipv4-protocol (+ data 14))))
    (when (and (= proto 6) (> (+ data 54) end)) (return 2))
    (when (= proto 6)
      (return (tcp-dst-port (+ data 34))))))
3

;;; guards that return constants share an exit
;; => 3
;; insns <= 16
(with-ipv4 (data end ip)
  (when (<= (ipv4-ttl ip) 1) (return XDP_DROP))
  (store u8 ip 8 (1- (ipv4-ttl ip)))
  (return XDP_TX))
XDP_PASS

;;; a guard's constant is returned where the guard says no
;; packet 00 11 22 33 44 55 66 77 88 99 aa bb 08 00
;; => 2
(with-ipv4 (data end ip)
  (when (<= (ipv4-ttl ip) 1) (return XDP_DROP))
  (return XDP_TX))
XDP_PASS

;;; a guard's constant is not another's
;; packet 00 11 22 33 44 55 66 77 88 99 aa bb 08 00 45 00 00 1c 00 01 00 00 01 01 f9 7d 0a 00 00 01 0a 00 00 02
;; => 1
(with-ipv4 (data end ip)
  (when (<= (ipv4-ttl ip) 1) (return XDP_DROP))
  (return XDP_TX))
XDP_PASS

;;; what is too short passes, whatever the macro and the program's type
;; packet 00 11 22 33 44 55 66 77 88 99 aa bb cc dd
;; => 2
(with-tc-tcp (data end tcp) 7)
