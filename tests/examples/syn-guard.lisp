;;; SYN flood guard: an address may open so many TCP connections a second; what is above that
;;; is dropped before the kernel has allocated anything for it.
;;;   veery run tests/examples/syn-guard.lisp      (on the loopback interface: change "lo")

(defstruct opener
  (window u64)                          ; the second it is counted in
  (syns u64)                            ; SYNs in that second
  (dropped u64))                        ; in all

(defmap openers :type :lru-hash :key u32 :value (struct opener) :max-entries 65536)

;; Read by the program at every SYN, set from the prompt: (setf (map-ref limit 0) 1000).
(defglobal limit u64 20)

(defconstant +second+ 1000000000)

(defmacro when-only-syn ((tcp) &body body)
  "BODY for the first packet of a connection."
  `(when (= (logand (tcp-flags ,tcp) (logior +tcp-syn+ +tcp-ack+)) +tcp-syn+)
     ,@body))

(defprog guard (:type :xdp)
  (with-tcp (data end tcp)
    (when-only-syn (tcp)
      (let* ((source u32 (ipv4-src-addr (+ data +eth-hdr-len+)))
             (now (/ (ktime-get-ns) +second+)))
        (if-let (known (getmap openers source))
          (cond ((/= (opener-window known) now)
                 (setf (opener-window known) now
                       (opener-syns known) 1))
                ((>= (opener-syns known) limit)
                 (incf (opener-dropped known))
                 (return XDP_DROP))
                (t (incf (opener-syns known))))
          (let ((new (make-opener)))
            (setf (opener-window new) now
                  (opener-syns new) 1)
            (setf (getmap openers source) new))))))
  XDP_PASS)

(attach guard "lo")
(run-for 1)

(loop for (source . opener) in (map-entries openers)
      do (format t "~{~d~^.~}: ~d SYNs dropped~%"
                 (loop for shift from 0 to 24 by 8 collect (logand 255 (ash source (- shift))))
                 (opener-record-dropped opener)))
