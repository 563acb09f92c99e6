;;; maps by bytes, integers and structs
;;| (2 3 nil)
;;| (1 2)
;;| #S(pair-record :low 4 :high 5)
;;| (t nil nil)
;;| 7
(defstruct pair (low u32) (high u32))
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 4)
(defmap s :type :hash :key-size 4 :value-type pair :max-entries 4)
(map-update h (encode-int-key 1 4) 2)
(map-update-int h 2 3 :flags BPF_NOEXIST)
(print (list (map-lookup-int h 1) (decode-int-value (map-lookup h (encode-int-key 2 4)))
             (map-lookup-int h 9)))
(print (sort (let ((first (map-get-next-key-int h))) (list first (map-get-next-key-int h first))) #'<))
(map-update-struct-int s 7 (make-pair-record :low 4 :high 5) 'pair)
(print (map-lookup-struct-int s 7 'pair))
(print (list (map-delete-int h 1) (map-delete h 1) (map-lookup h 1)))
(print (map-get-next-key s nil))

;;; struct keys
;;| 9
;;| #S(pair-record :low 1 :high 2)
;;| nil
(defstruct pair (low u32) (high u32))
(defmap s :type :hash :key (struct pair) :value u64 :max-entries 4)
(map-update s (make-pair-record :low 1 :high 2) 9)
(print (map-lookup s (make-pair-record :low 1 :high 2)))
(print (map-get-next-key-struct s 'pair))
(map-delete-struct s (make-pair-record :low 1 :high 2) 'pair)
(print (map-lookup s (make-pair-record :low 1 :high 2)))

;;; struct keys and values of maps that say sizes alone
;;| #S(pair-record :low 3 :high 4)
;;| #S(pair-record :low 1 :high 2)
;;| nil
;;| nil
(defstruct pair (low u32) (high u32))
(defmap s :type :hash :key-size 8 :value-size 8 :max-entries 4)
(let ((k (make-pair-record :low 1 :high 2)))
  (map-update-struct s (encode-pair k) (make-pair-record :low 3 :high 4) 'pair)
  (print (map-lookup-struct s (encode-pair k) 'pair))
  (print (map-get-next-key-struct s 'pair))
  (print (map-get-next-key-struct s 'pair k))
  (map-delete-struct s k 'pair)
  (print (map-lookup-struct s (encode-pair k) 'pair)))

;;; per-CPU maps: a value for each processor
;;| t
;;| t
(defmap m :type :percpu-array :key-size 4 :value-size 8 :max-entries 1)
(map-update m 0 3)
(print (vectorp (map-lookup m 0)))
(print (every (lambda (v) (= v 3)) (coerce (map-lookup m 0) 'list)))

;;; consumers of rings
;;| 2
;;| (1 2)
;;| 3
;;| 4
(defstruct event (n u64))
(defmap rb :type :ringbuf :max-entries 4096)
(defprog p (:type :xdp)
  (with-ringbuf (e rb (sizeof event)) (setf (event-n e) (ctx ingress-ifindex)))
  XDP_PASS)
(defprog two (:type :xdp)
  (dotimes (i 2) (with-ringbuf (e rb (sizeof event)) (setf (event-n e) (+ i 1))))
  XDP_PASS)
(defvar *seen* nil)
(let ((c (open-ring-consumer rb (lambda (record) (push record *seen*)))))
  (test-run two (make-list 64 :initial-element 0))
  (print (ring-consume c))
  (print (reverse *seen*))
  (close-ring-consumer c))
(let ((c (open-decoding-ring-consumer rb #'decode-event
                                      (lambda (e) (print (+ 2 (event-record-n e)))))))
  (test-run p (make-list 64 :initial-element 0))
  (ring-poll c :timeout-ms 0)
  (print 4))

;;; failures are conditions: bpf-error
;;| (17 "cannot write `h`: the key is there already")
;;| (2 t)
;;| nil
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 4)
(defprog c (:section "cgroup_skb/egress") 1)
(map-update h 1 2)
(handler-case (map-update h 1 2 :flags BPF_NOEXIST)
  (bpf-error (e) (print (list (bpf-error-errno e) (bpf-error-context e)))))
(handler-case (attach-cgroup c "/no/such/group" +bpf-cgroup-inet-egress+)
  (bpf-error (e) (print (list (bpf-error-errno e)
                              (and (search "/no/such/group" (bpf-error-context e)) t)))))
(print (ignore-errors (map-update h 1 2 :flags BPF_NOEXIST) 5))

;;; failures are conditions: bpf-verifier-error, whistler-error
;;| t
;;| t
(handler-case (defprog bad (:type :xdp) (load u8 (xdp-data) 0))
  (bpf-verifier-error (e)
    (print (and (search "invalid access to packet" (bpf-verifier-error-log e)) t))))
(handler-case (defprog bad (:type :xdp) (lod u8 (xdp-data) 0))
  (whistler-error (e) (print (and (search "lod" (princ-to-string e)) t))))

;;; an object written here, by its parts
;;| ("count_all" "pkt_count")
;;| 1
;;| (nil nil)
(defmap pkt-count :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count-all (:type :xdp) (incf (getmap pkt-count 0)) XDP_PASS)
(compile-to-elf "/tmp/veery-loader-case.o")
(let* ((obj (load-bpf-object (open-bpf-object "/tmp/veery-loader-case.o")))
       (prog (bpf-object-prog obj "count_all"))
       (map (bpf-object-map obj "pkt_count")))
  (print (list (prog-info-name prog) (map-info-name map)))
  (test-run (prog-info-fd prog) (make-list 64 :initial-element 0))
  (print (map-lookup-int (map-info-fd map) 0))
  (print (list (bpf-object-map obj "no_such") (bpf-object-prog obj "no_such")))
  (close-bpf-object obj))

;;; attachers: timers and samplers
;;| (t t t t)
;;| (1 1 1 1)
(defmap n :type :array :key-size 4 :value-size 8 :max-entries 8)
(defprog timer (:section "interval/ms:1") (incf (getmap n 0)) 0)
(defprog prof (:section "profile/hz:500") (incf (getmap n 1)) 0)
(defprog period (:section "profile/ms:1") (incf (getmap n 2)) 0)
(defprog raw (:section "raw_tp/sys_enter") (incf (getmap n 3)) 0)
(attach-perf-timer timer 1000000)
(attach-perf-profile prof 500)
(attach-perf-profile-period period 1000000)
(attach raw)
(loop repeat 200
      until (every (lambda (i) (> (map-ref n i) 0)) '(0 1 2 3))
      do (dotimes (i 100000)) (sleep 0.001))
(print (mapcar (lambda (i) (> (map-ref n i) 0)) '(0 1 2 3)))
(print (mapcar #'detach (list timer prof period raw)))

;;; a failure inside the prelude is told at the user's line
;; error K0036 /no/such/group
(defprog c (:section "cgroup_skb/egress") 1)
(attach-cgroup c "/no/such/group")

;;; programs that see no packet run on their context
;;| (5 0)
;;| (5 21)
;;| 5
(defmap sum :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog raw (:section "raw_tp/sys_enter") (incf (getmap sum 0) (ctx u64 8)) 5)
(defprog asked (:section "test_run/asked") 5)
(print (list (test-run raw) (map-ref sum 0)))
(print (list (test-run raw "00 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00" :repeat 3)
             (map-ref sum 0)))
(print (prog-test-run (prog-info-fd asked)))

;;; what a session had is gone when it is left
;;|   (none)
(ignore-errors
  (with-bpf-session ()
    (bpf:map m :type :array :key-size 4 :value-size 8 :max-entries 1)
    (setf (bpf:map-ref m 0) 1)
    (error "left")))
(maps)

;;; packets that are too short pass in every type of program
;;| (2 0 1)
(defprog x (:type :xdp) (with-tcp (data end tcp) 4))
(defprog t1 (:type :tc) (with-tcp (data end tcp) 4))
(defprog c (:section "cgroup_skb/ingress") (with-packet (data end :min-len 100) 0))
(let ((short (make-list 20 :initial-element 0)))
  (print (list (test-run x short) (test-run t1 short) (test-run c short))))

;;; a function of the program's stands before a form of the session's
;;| (3)
(defun sizeof (x) (list x))
(print (sizeof 3))

;;; sizes of structs and types
;;| (12 2)
(defstruct k (a u32) (b u32) (c u8))
(defmap m :type :hash :key-size (sizeof k) :value-size (* 4 (sizeof u16)) :max-entries 4)
(print (list (sizeof k) (sizeof u16)))
