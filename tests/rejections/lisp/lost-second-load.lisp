;; code: V0105
;; real: yes
;; The field is read twice: once for the check, once for the use. Another processor may have
;; written it in between.
(defstruct ring (head u32) (slots (array u32 64)))
(defmap rings :type :array :key u32 :value ring :max-entries 1)

(defprog append (:type :tc)
  (when-let ((r (getmap rings 0)))
    (when (< (ring-head r) 64)                              ;-
      (setf (ring-slots r (ring-head r)) (ctx len))         ;-
;           ^ root
      (incf (ring-head r))))                                ;-
;+  (let ((head (ring-head r)))
;+    (when (< head 64)
;+      (setf (ring-slots r head) (ctx len))
;+      (setf (ring-head r) (+ head 1)))))
  TC_ACT_OK)
