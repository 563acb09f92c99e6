;; code: V0320
;; real: yes
;; kind: lock
;; The empty bucket leaves with the lock held.
(defstruct bucket (lock (struct bpf-spin-lock)) (tokens u32))
(defmap buckets :type :array :key u32 :value bucket :max-entries 1)

(defprog take (:type :tc)
  (when-let ((b (getmap buckets 0)))
    (spin-lock (bucket-lock b))
    (when (= (bucket-tokens b) 0)
      (return TC_ACT_SHOT))                                 ;-
;     ^ root
;+    (spin-unlock (bucket-lock b))
;+    (return TC_ACT_SHOT))
    (decf (bucket-tokens b))
    (spin-unlock (bucket-lock b)))
  TC_ACT_OK)
