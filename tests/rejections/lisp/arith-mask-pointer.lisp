;; code: V0207
;; real: no
;; kind: pointer arithmetic
;; caps: bpf
;; Rounding an address down to a line of the cache.
(defmap lines :type :hash :key u64 :value u64 :max-entries 64)

(defprog line-of (:type :xdp)
  (incf (getmap lines (logand (xdp-data) #xffffffffffffffc0))) ;-
;                     ^ root
;+(incf (getmap lines (logand (ctx rx-queue-index) #xffffffffffffffc0)))
  XDP_PASS)
