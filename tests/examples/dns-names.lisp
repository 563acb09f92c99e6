;;; Which names are asked for? Counts the questions of DNS queries by name.
;;;   veery run tests/examples/dns-names.lisp      (on the loopback interface: change "lo")

(defconstant +name-size+ 64)
(defconstant +dns-header+ 12)

(defstruct dns-name
  (text (array u8 64)))

(defmap names :type :hash :key-size 64 :value-size 8 :max-entries 4096)

;; A name on the wire is labels, each after its length: 3 www 6 kernel 3 org 0. The lengths
;; become dots, and the first one goes away: "www.kernel.org".
(defprog count-names (:type :xdp)
  (with-udp (data end udp)
    (when (= (udp-dst-port udp) 53)
      (let* ((question (+ udp +udp-hdr-len+ +dns-header+))
             (name (make-dns-name))
             (left 0))
        (dotimes (i +name-size+)
          (let ((at (+ question i)))
            (when (> (+ at 1) end)
              (return XDP_PASS))
            (let ((byte (load u8 at 0)))
              (cond ((> left 0)
                     (decf left)
                     (setf (dns-name-text name (1- i)) byte))
                    ((= byte 0)
                     (break))
                    (t
                     (setf left byte)
                     (when (> i 0)
                       (setf (dns-name-text name (1- i)) 46)))))))
        (incf (getmap names name)))))
  XDP_PASS)

(attach count-names "lo")
(run-for 1)

(dolist (entry (sort (map-entries names) #'> :key #'cdr))
  (let ((bytes (car entry)))
    (format t "~8d ~a~%" (cdr entry)
            (map 'string #'code-char (subseq bytes 0 (position 0 bytes))))))
