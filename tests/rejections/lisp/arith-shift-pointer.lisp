;; code: V0208
;; real: no
;; kind: pointer arithmetic
;; caps: bpf
;; A hash made from the address of the packet.
(defmap buckets :type :hash :key u32 :value u64 :max-entries 64)

(defprog spread (:type :xdp)
  (let ((h (>> (xdp-data) 12)))                             ;-
;          ^ root
;+(let ((h (>> (ctx rx-queue-index) 12)))
    (incf (getmap buckets (logand h 63))))
  XDP_PASS)
