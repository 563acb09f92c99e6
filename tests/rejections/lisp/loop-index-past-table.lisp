;; code: V0105
;; real: yes
;; kind: map value bounds
;; One round too many.
(defstruct table (slots (array u64 16)))
(defmap tables :type :array :key u32 :value table :max-entries 1)

(defprog clear (:type :tc)
  (when-let ((tb (getmap tables 0)))
    (dotimes (i 17)                                         ;-
;            ^ also
;+  (dotimes (i 16)
      (setf (table-slots tb i) 0)))
;           ^ root
  TC_ACT_OK)
