;; code: V0319
;; real: no
;; kind: lock
;; The clock is read while the lock is held: no calls there.
(defstruct bucket (lock (struct bpf-spin-lock)) (tokens u32) (filled u64))
(defmap buckets :type :hash :key u32 :value bucket :max-entries 1024)

(defprog refill (:type :tc)
  (when-let ((b (getmap buckets (ctx ifindex))))
;+  (let ((now (ktime-get-ns)))
    (spin-lock (bucket-lock b))
    (setf (bucket-tokens b) 50)
    (setf (bucket-filled b) (ktime-get-ns))                 ;-
;                           ^ root
    (spin-unlock (bucket-lock b)))                          ;-
;+  (setf (bucket-filled b) now)
;+  (spin-unlock (bucket-lock b))))
  TC_ACT_OK)
