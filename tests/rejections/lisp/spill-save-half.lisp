;; code: V0129
;; real: no
;; kind: saved pointer
;; caps: bpf
;; Four bytes of a pointer are kept, to be looked at later.
(defmap counts :type :array :key u32 :value u64 :max-entries 1)

(defprog keep (:type :tc)
  (when-let ((c (map-lookup counts 0)))
    (let ((frame (struct-alloc 8)))
      (store u32 frame 0 c)                                 ;-
;     ^ root
;+    (store u64 frame 0 c)
      (load u64 frame 0)))
  TC_ACT_OK)
