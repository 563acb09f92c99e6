;; code: V0101
;; real: no
;; kind: possible null
;; The inner map is tested, its entry is not.
(defmap per-cpu :type :array :key u32 :value u64 :max-entries 4)
(defmap tables :type :array-of-maps :max-entries 4 :inner per-cpu)

(defprog tick (:type :xdp)
  (let ((key (struct-alloc 4)))
    (when-let ((inner (map-lookup tables 0)))
      (let ((slot (map-lookup-elem inner key)))
        (atomic-add slot 0 1)))                             ;-
;       ^ root
;+      (when slot
;+        (atomic-add slot 0 1))))
    XDP_PASS))
