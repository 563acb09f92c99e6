;; code: V0101
;; real: yes
;; kind: possible null
;; The macro hides the missing test.
(defmap counts :type :hash :key u32 :value u64 :max-entries 64)

(defmacro bump (map key)
  `(let ((slot (map-lookup ,map ,key)))
     (atomic-add slot 0 1)))                                ;-
;+   (when slot
;+     (atomic-add slot 0 1))))

(defprog count (:type :tc)
  (bump counts (ctx ifindex))
; ^ root
  TC_ACT_OK)
