;;; SPDX-License-Identifier: MIT
;;; kernel.lisp: macros for kernel-side programs, written in the language itself.
;;;
;;; Packets. (with-X (data end name) body...) binds the bounds of the packet and, for the
;;; inner protocols, a pointer to their header. A packet too short for the header ends the
;;; program with "let it pass"; a packet of another protocol skips the body. The parse-X forms
;;; end nothing: their value is the pointer, or 0. Both assume Ethernet without VLAN tags and
;;; IPv4 headers without options, as most packets have them; find-transport does not.

(defun %packet-macro (data end min-len first last body)
  `(let* ((,data ,first)
          (,end ,last))
     (if (> (+ ,data ,min-len) ,end)
         (return (pass-verdict))
         (progn ,@body))))

(defun %inner-macro (outer data end name header-length protocol body)
  (let ((ip (gensym "IP")))
    `(,outer (,data ,end :min-len ,(+ 34 header-length))
       (when (= (eth-type ,data) +ethertype-ipv4+)
         (let ((,ip (+ ,data +eth-hdr-len+)))
           (when (= (ipv4-protocol ,ip) ,protocol)
             (let ((,name (+ ,ip +ipv4-hdr-len+)))
               ,@body)))))))

;;; data and end are the bounds of an XDP packet; one shorter than :min-len passes.
(defmacro with-packet ((data end &key (min-len 0)) &body body)
  (%packet-macro data end min-len '(xdp-data) '(xdp-data-end) body))

;;; data and end are the bounds of a tc packet; one shorter than :min-len passes.
(defmacro with-tc-packet ((data end &key (min-len 0)) &body body)
  (%packet-macro data end min-len '(tc-data) '(tc-data-end) body))

;;; The bounds of an XDP packet that holds an Ethernet header.
(defmacro with-eth ((data end) &body body)
  `(with-packet (,data ,end :min-len 14) ,@body))

;;; The bounds of a tc packet that holds an Ethernet header.
(defmacro with-tc-eth ((data end) &body body)
  `(with-tc-packet (,data ,end :min-len 14) ,@body))

;;; ip points to the IPv4 header; other packets skip the body.
(defmacro with-ipv4 ((data end ip) &body body)
  `(with-packet (,data ,end :min-len 34)
     (when (= (eth-type ,data) +ethertype-ipv4+)
       (let ((,ip (+ ,data +eth-hdr-len+)))
         ,@body))))

;;; ip points to the IPv4 header; other packets skip the body.
(defmacro with-tc-ipv4 ((data end ip) &body body)
  `(with-tc-packet (,data ,end :min-len 34)
     (when (= (eth-type ,data) +ethertype-ipv4+)
       (let ((,ip (+ ,data +eth-hdr-len+)))
         ,@body))))

;;; ip points to the IPv6 header; other packets skip the body.
(defmacro with-ipv6 ((data end ip) &body body)
  `(with-packet (,data ,end :min-len 54)
     (when (= (eth-type ,data) +ethertype-ipv6+)
       (let ((,ip (+ ,data +eth-hdr-len+)))
         ,@body))))

;;; ip points to the IPv6 header; other packets skip the body.
(defmacro with-tc-ipv6 ((data end ip) &body body)
  `(with-tc-packet (,data ,end :min-len 54)
     (when (= (eth-type ,data) +ethertype-ipv6+)
       (let ((,ip (+ ,data +eth-hdr-len+)))
         ,@body))))

;;; tcp points to the TCP header; other packets skip the body.
(defmacro with-tcp ((data end tcp) &body body)
  (%inner-macro 'with-packet data end tcp 20 '+ip-proto-tcp+ body))

;;; udp points to the UDP header; other packets skip the body.
(defmacro with-udp ((data end udp) &body body)
  (%inner-macro 'with-packet data end udp 8 '+ip-proto-udp+ body))

;;; icmp points to the ICMP header; other packets skip the body.
(defmacro with-icmp ((data end icmp) &body body)
  (%inner-macro 'with-packet data end icmp 8 '+ip-proto-icmp+ body))

;;; tcp points to the TCP header; other packets skip the body.
(defmacro with-tc-tcp ((data end tcp) &body body)
  (%inner-macro 'with-tc-packet data end tcp 20 '+ip-proto-tcp+ body))

;;; udp points to the UDP header; other packets skip the body.
(defmacro with-tc-udp ((data end udp) &body body)
  (%inner-macro 'with-tc-packet data end udp 8 '+ip-proto-udp+ body))

;;; dns points to the header of a DNS message over UDP; other packets skip the body.
(defmacro with-dns ((data end dns) &body body)
  (let ((udp (gensym "UDP")))
    `(with-packet (,data ,end :min-len 54)
       (when (= (eth-type ,data) +ethertype-ipv4+)
         (when (= (ipv4-protocol (+ ,data +eth-hdr-len+)) +ip-proto-udp+)
           (let ((,udp (+ ,data 34)))
             (when (or (= (udp-dst-port ,udp) 53) (= (udp-src-port ,udp) 53))
               (let ((,dns (+ ,udp +udp-hdr-len+)))
                 ,@body))))))))

;;; The Ethernet header, or 0.
(defmacro parse-eth (data end)
  (let ((d (gensym "D")))
    `(let ((,d ,data))
       (if (> (+ ,d +eth-hdr-len+) ,end) 0 ,d))))

(defun %parse-macro (data end length tests result)
  (let ((d (gensym "D")) (e (gensym "E")))
    `(let ((,d ,data) (,e ,end))
       (cond ((> (+ ,d ,length) ,e) 0)
             ,@(mapcar (lambda (test) (list (subst d 'd test) 0)) tests)
             (t (+ ,d ,result))))))

;;; The IPv4 header, or 0.
(defmacro parse-ipv4 (data end)
  (%parse-macro data end 34 '((/= (eth-type d) +ethertype-ipv4+)) 14))

;;; The IPv6 header, or 0.
(defmacro parse-ipv6 (data end)
  (%parse-macro data end 54 '((/= (eth-type d) +ethertype-ipv6+)) 14))

;;; The TCP header, or 0.
(defmacro parse-tcp (data end)
  (%parse-macro data end 54
                '((/= (eth-type d) +ethertype-ipv4+)
                  (/= (ipv4-protocol (+ d 14)) +ip-proto-tcp+))
                34))

;;; The UDP header, or 0.
(defmacro parse-udp (data end)
  (%parse-macro data end 42
                '((/= (eth-type d) +ethertype-ipv4+)
                  (/= (ipv4-protocol (+ d 14)) +ip-proto-udp+))
                34))

;;; The ICMP header, or 0.
(defmacro parse-icmp (data end)
  (%parse-macro data end 42
                '((/= (eth-type d) +ethertype-ipv4+)
                  (/= (ipv4-protocol (+ d 14)) +ip-proto-icmp+))
                34))

;;; The transport header wherever it is: past VLAN tags and IPv4 options. Binds the pointer,
;;; of which LENGTH bytes may be read, and runs the body for packets of PROTOCOL that are
;;; whole; skips it otherwise.
(defmacro find-transport ((name data end protocol length) &body body)
  (let ((eth (gensym "ETH")) (type (gensym "TYPE")) (ip (gensym "IP")))
    `(let* ((,eth ,data) (,ip 0) (,name 0))
       (when (<= (+ ,eth 18) ,end)
         (let ((,type (load u16 ,eth 12)))
           (setf ,ip (+ ,eth 14))
           (when (= ,type (htons +ethertype-vlan+))
             (setf ,type (load u16 ,eth 16))
             (setf ,ip (+ ,eth 18)))
           (when (and (= ,type (htons +ethertype-ipv4+))
                      (<= (+ ,ip 20) ,end)
                      (= (ipv4-protocol ,ip) ,protocol))
             (setf ,name (+ ,ip (<< (logand (ipv4-ver-ihl ,ip) 15) 2)))
             (when (<= (+ ,name ,length) ,end)
               ,@body)))))))

;;; ---- processes ------------------------------------------------------------------------

(defmacro fill-process-info (event &key pid-field uid-field timestamp-field comm-field
                                   (comm-size 16))
  `(progn
     ,@(when pid-field
         `((setf (,pid-field ,event) (>> (get-current-pid-tgid) 32))))
     ,@(when uid-field
         `((setf (,uid-field ,event) (cast u32 (get-current-uid-gid)))))
     ,@(when timestamp-field
         `((setf (,timestamp-field ,event) (ktime-get-ns))))
     ,@(when comm-field
         `((get-current-comm (,comm-field ,event) ,comm-size)))))

;;; The process id (thread group id) of the task that runs.
(defmacro current-pid () '(>> (get-current-pid-tgid) 32))
;;; The thread id of the task that runs.
(defmacro current-tid () '(cast u32 (get-current-pid-tgid)))
;;; The user id of the task that runs.
(defmacro current-uid () '(cast u32 (get-current-uid-gid)))

;;; ---- arrays in user memory -------------------------------------------------------------

(defmacro do-user-ptrs ((name base count max &key (index (gensym "I"))) &body body)
  (let ((buffer (gensym "BUFFER")))
    `(let ((,buffer (struct-alloc 8)))
       (dotimes (,index ,max)
         (when (> ,count ,index)
           (probe-read-user ,buffer 8 (+ ,base (* ,index 8)))
           (when-let ((,name (load u64 ,buffer 0)))
             ,@body))))))

(defmacro do-user-array ((name type base count max &key (index (gensym "I"))) &body body)
  (let ((buffer (gensym "BUFFER"))
        (scalar (member type '(u8 u16 u32 u64 i8 i16 i32 i64))))
    `(let ((,buffer (struct-alloc (sizeof ,type))))
       (dotimes (,index ,max)
         (when (> ,count ,index)
           (probe-read-user ,buffer (sizeof ,type) (+ ,base (* ,index (sizeof ,type))))
           (let ((,name ,(if scalar `(load ,type ,buffer 0) buffer)))
             ,@body))))))
