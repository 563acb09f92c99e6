;; code: V0319
;; real: no
;; kind: lock
;; Moving tokens from one bucket to another with both locked: one at a time, says the kernel.
(defstruct bucket (lock (struct bpf-spin-lock)) (tokens u32))
(defmap buckets :type :array :key u32 :value bucket :max-entries 2)

(defprog move-token (:type :tc)
  (let ((a (getmap buckets 0))
        (b (getmap buckets 1)))
    (when (and a b)
      (spin-lock (bucket-lock a))
      (decf (bucket-tokens a))
;+    (spin-unlock (bucket-lock a))
      (spin-lock (bucket-lock b))
;     ^ root
      (incf (bucket-tokens b))
      (spin-unlock (bucket-lock b))                         ;-
      (spin-unlock (bucket-lock a))))                       ;-
;+    (spin-unlock (bucket-lock b))))
  TC_ACT_OK)
