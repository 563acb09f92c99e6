;; code: V0131
;; real: no
;; kind: saved pointer
;; A pointer to an entry is kept in memory and fetched back with four bytes.
(defmap counts :type :array :key u32 :value u64 :max-entries 1)

(defprog keep (:type :tc)
  (when-let ((c (map-lookup counts 0)))
    (let ((frame (struct-alloc 8)))
      (store u64 frame 0 c)
      (atomic-add (load u32 frame 0) 0 1)))                 ;-
;                 ^ root
;+    (atomic-add (load u64 frame 0) 0 1)))
  TC_ACT_OK)
