;; code: V0816
;; real: no
;; kind: tail call
;; A hash of numbers is no table of programs: by way of the plain helper.
(defmap table :type :hash :key u32 :value u32 :max-entries 4)
(defmap progs :type :prog-array :key u32 :value u32 :max-entries 4)

(defprog dispatch (:type :xdp)
  (when-let ((next (map-lookup progs 1)))                   ;-
;                  ^ root
;+(when-let ((next (map-lookup table 1)))
    (return XDP_DROP))
  XDP_PASS)
