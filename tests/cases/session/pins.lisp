;;; a map is found again where it was pinned
;;| 7
;;| t
;;| 8
;;| t
(unpin "/sys/fs/bpf/veery-test-found")
(defmap one :type :hash :key u32 :value u64 :max-entries 8 :pin "/sys/fs/bpf/veery-test-found")
(setf (map-ref one 1) 7)
(defmap two :type :hash :key u32 :value u64 :max-entries 8 :pin "/sys/fs/bpf/veery-test-found")
(print (map-ref two 1))
(print (not (null (member "one" (kernel-maps) :key #'third :test #'equal))))
(setf (map-ref two 1) 8)
(print (map-ref one 1))
(print (unpin "/sys/fs/bpf/veery-test-found"))

;;; programs count in the map that was there
;;| 5
(unpin "/sys/fs/bpf/veery-test-count")
(defmap before :type :array :key u32 :value u64 :max-entries 1)
(setf (map-ref before 0) 4)
(pin before "/sys/fs/bpf/veery-test-count")
(defmap hits :type :array :key u32 :value u64 :max-entries 1 :pin "/sys/fs/bpf/veery-test-count")
(defprog count (:type :xdp) (incf (getmap hits 0)) XDP_PASS)
(test-run count (make-array 64))
(print (map-ref before 0))
(unpin "/sys/fs/bpf/veery-test-count")

;;; another shape is told, nothing is overwritten
;;| 4
;; error K0015 its size of values is 4, that one's 8
(unpin "/sys/fs/bpf/veery-test-shape")
(defmap wide :type :array :key u32 :value u64 :max-entries 1 :pin "/sys/fs/bpf/veery-test-shape")
(setf (map-ref wide 0) 4)
(defmap narrow :type :array :key u32 :value u32 :max-entries 1 :pin "/sys/fs/bpf/veery-test-shape")
(print (map-ref wide 0))
(handler-case (map-ref narrow 0) (error (e) (unpin "/sys/fs/bpf/veery-test-shape") (error e)))

;;; a map by its id, with its types
;;| #S(event-record :pid 4 :size 9)
;;| 9
(defstruct event (pid u32) (size u64))
(defmap made :type :hash :key u32 :value (struct event) :max-entries 8)
(setf (map-ref made 1) (make-event-record :pid 4 :size 9))
(open-map 'seen (first (find "made" (kernel-maps) :key #'third :test #'equal)))
(print (map-ref seen 1))
(print (event-record-size (map-ref seen 1)))

;;; only a BPF file system is written
;; error K0014 cannot pin `p` at /tmp/veery-test-pin
(defprog p (:type :xdp) XDP_PASS)
(pin p "/tmp/veery-test-pin")

;;; and only there files are removed
;; error L0001 /etc/hostname is not in a BPF file system
(unpin "/etc/hostname")

;;; what is pinned may be no map
;; error K0015 is no map
(unpin "/sys/fs/bpf/veery-test-prog")
(defprog p (:type :xdp) XDP_PASS)
(pin p "/sys/fs/bpf/veery-test-prog")
(defmap m :type :array :key u32 :value u32 :max-entries 1 :pin "/sys/fs/bpf/veery-test-prog")
(handler-case (map-ref m 0) (error (e) (unpin "/sys/fs/bpf/veery-test-prog") (error e)))

;;; no map of that id
;; error L0001 no map has the id 4000000000
(open-map 'none 4000000000)
