;; code: V0110
;; real: yes
;; kind: bounds lost
;; The low byte is compared, the whole number is used.
(defstruct table (slots (array u64 256)))
(defmap tables :type :array :key u32 :value table :max-entries 1)

(defprog by-mark (:type :tc)
  (when-let ((tb (getmap tables 0)))
    (let ((mark (ctx mark)))
      (when (< (cast u8 mark) 200)                          ;-
;+    (when (< mark 200)
        (incf (table-slots tb mark)))))
;             ^ root
  TC_ACT_OK)
