;;; a session, and what it is made of
;;| (("all_hits" . all-hits))
;;| (("p" . p))
;;| 1
;;| (1 1)
;;| 1
(with-bpf-session ()
  (bpf:map all-hits :type :array :key-size 4 :value-size 8 :max-entries 1)
  (bpf:prog p (:type :xdp) (incf (getmap all-hits 0)) XDP_PASS)
  (print (bpf-session-maps *bpf-session*))
  (print (bpf-session-progs *bpf-session*))
  (test-run p (make-list 64 :initial-element 0))
  (print (bpf:map-ref all-hits 0))
  (print (list (map-lookup-int (bpf:map-ref all-hits) 0) (setf (bpf:map-ref all-hits 0) 1)))
  (print (map-lookup-int (cdr (assoc "all_hits" (bpf-session-maps *bpf-session*) :test #'string=)) 0)))

;;; an object, written and used
;;| 3
(defmap pkt-count :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count-all (:type :xdp) (incf (getmap pkt-count 0)) XDP_PASS)
(compile-to-elf "/tmp/veery-session-case.o")
(whistler/loader:with-bpf-object (obj "/tmp/veery-session-case.o")
  (let ((map (whistler/loader:bpf-object-map obj "pkt_count")))
    (dotimes (i 3) (test-run "count_all" (make-list 64 :initial-element 0)))
    (print (whistler/loader:decode-int-value
            (whistler/loader:map-lookup map (whistler/loader:encode-int-key 0 4))))))

;;; decoding consumers
;;| 7
;;| 1
(defstruct event (kind u32) (pad u32))
(defmap rb :type :ringbuf :max-entries 4096)
(defprog p (:type :xdp)
  (with-ringbuf (e rb (sizeof event))
    (setf (event-kind e) 7 (event-pad e) 0))
  XDP_PASS)
(test-run p (make-list 64 :initial-element 0))
(with-decoding-ring-consumer (c rb #'decode-event (lambda (e) (print (event-record-kind e))))
  (print (ring-poll c :timeout-ms 0)))

;;; records: made, changed, encoded, decoded
;;| #S(event-record :kind 7 :cpu 0 :name #(115 104 0 0))
;;| 8
;;| #(8 0 0 0 3 0 120 121 0 0 0 0)
;;| #(120 121 0 0)
;;| (t nil t)
(defstruct event (kind u32) (cpu u16) (name (array u8 4)))
(defvar r (decode-event (encode-event (make-event-record :kind 7 :name "sh"))))
(print r)
(setf (event-record-cpu r) 3 (event-record-name r) "xy")
(incf (event-record-kind r))
(print (event-record-kind r))
(print (encode-event r))
(print (event-record-name (decode-event (encode-event r))))
(print (list (event-record-p r) (event-record-p 3) (typep r 'event-record)))

;;; fields that are not there
;; error L0001 argument 1 is no field of struct
(defstruct event (kind u32))
(make-event-record :knid 3)

;;; records as values and keys of maps
;;| 5
;;| #S(point-record :x 1 :y 2)
(defstruct point (x u32) (y u32))
(defmap m :type :hash :key (struct point) :value u64 :max-entries 4)
(setf (map-ref m (make-point-record :x 1 :y 2)) 5)
(print (map-ref m (make-point-record :y 2 :x 1)))
(print (car (map-keys m)))

;;; objects one after the other
;;| nil
;;| 2
;;| 2
(defmap m :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog one (:type :xdp) (incf (getmap m 0)) XDP_PASS)
(reset-compilation-state)
(print (ignore-errors (test-run one)))
(defprog two (:type :xdp) XDP_DROP)
(print (compile-to-elf "/tmp/veery-session-two.o"))
(print (length (with-bpf-object (o "/tmp/veery-session-two.o") (list o 1))))

;;; two programs in one section
;;| (1 2)
(defprog first-one (:type :xdp :section "xdp") XDP_DROP)
(defprog second-one (:type :xdp :section "xdp") XDP_PASS)
(print (list (test-run first-one (make-list 64 :initial-element 0))
             (test-run second-one (make-list 64 :initial-element 0))))
