;; code: V0118
;; real: no
;; kind: kernel object
;; A socket has no field there.
(defmap marks :type :hash :key u32 :value u64 :max-entries 16)

(defprog socket-mark (:type :tc)
  (when-let ((sk (sk-lookup-tcp (ctx-ptr) (struct-alloc 12) 12 0 0)))
    (incf (getmap marks (load u32 sk 200)))                 ;-
;                       ^ root
;+  (incf (getmap marks (load u32 sk 16)))
    (sk-release sk))
  TC_ACT_OK)
