;; code: V0160
;; real: yes
;; kind: map value bounds
;; One less than a number that may be zero.
(defstruct table (slots (array u64 64)))
(defmap tables :type :array :key u32 :value table :max-entries 1)

(defprog before (:type :tc)
  (when-let ((tb (getmap tables 0)))
    (let ((n i64 (- (logand (ctx hash) 63) 1)))
      (incf (table-slots tb n))))                           ;-
;           ^ root
;+    (when (s>= n 0)
;+      (incf (table-slots tb n)))))
  TC_ACT_OK)
