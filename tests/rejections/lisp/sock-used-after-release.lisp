;; code: V0101
;; real: yes
;; kind: used after release
;; The family is read when the socket may be gone.
(defmap families :type :hash :key u32 :value u64 :max-entries 16)

(defprog family-of (:type :tc)
  (let ((tuple (struct-alloc 12)))
    (when-let ((sk (sk-lookup-tcp (ctx-ptr) tuple 12 0 0)))
      (sk-release sk)                                       ;-
      (incf (getmap families (load u32 sk 4))))             ;-
;                            ^ root
;+    (incf (getmap families (load u32 sk 4)))
;+    (sk-release sk))
    TC_ACT_OK))
