;;; A token bucket per source address: RATE packets a second, BURST at once.
;;;   veery run tests/examples/rate-limit.lisp      (on the loopback interface: change "lo")

(defconstant +rate+ 100)                ; tokens a second
(defconstant +burst+ 50)
(defconstant +ns-per-token+ (floor 1000000000 +rate+))

(defstruct bucket
  (lock (struct bpf-spin-lock))
  (tokens u32)
  (filled u64))                         ; when the last token went in

(defmap buckets :type :hash :key u32 :value (struct bucket) :max-entries 10240)
(defmap verdicts :type :array :key u32 :value u64 :max-entries 2)
(defconstant +passed+ 0)
(defconstant +limited+ 1)

(defn take-token (source)
  ;; The value is 1 if there was one.
  (let ((now (ktime-get-ns))
        (taken 0))
    (if-let (b (getmap buckets source))
      (progn
        (spin-lock (bucket-lock b))
        (let ((fresh (/ (- now (bucket-filled b)) +ns-per-token+)))
          (when (> fresh 0)
            (setf (bucket-tokens b) (min +burst+ (+ (bucket-tokens b) fresh)))
            (setf (bucket-filled b) now)))
        (when (> (bucket-tokens b) 0)
          (decf (bucket-tokens b))
          (setf taken 1))
        (spin-unlock (bucket-lock b))
        taken)
      (let ((new (make-bucket)))
        (setf (bucket-tokens new) (1- +burst+)
              (bucket-filled new) now)
        (setf (getmap buckets source) new)
        1))))

(defprog limit-rate (:type :xdp)
  (with-udp (data end udp)
    (when (not (take-token (ipv4-src-addr (+ data +eth-hdr-len+))))
      (incf (getmap verdicts +limited+))
      (return XDP_DROP))
    (incf (getmap verdicts +passed+)))
  XDP_PASS)

(attach limit-rate "lo")
(run-for 1)
(format t "passed ~d, limited ~d~%" (map-ref verdicts +passed+) (map-ref verdicts +limited+))
