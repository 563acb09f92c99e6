;; code: V0105
;; real: yes
;; kind: map value bounds
;; The slot behind the last: 63 plus one.
(defstruct table (slots (array u64 64)))
(defmap tables :type :array :key u32 :value table :max-entries 1)

(defprog before (:type :tc)
  (when-let ((tb (getmap tables 0)))
    (let ((n (logand (ctx hash) 63)))
      (incf (table-slots tb (+ n 1)))))                     ;-
;           ^ root
;+    (incf (table-slots tb (logand (+ n 1) 63)))))
  TC_ACT_OK)
