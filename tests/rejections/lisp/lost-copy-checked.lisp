;; code: V0105
;; real: yes
;; kind: bounds lost
;; `index` is checked, `index` plus one is used.
(defstruct window (slots (array u32 16)))
(defmap windows :type :array :key u32 :value window :max-entries 1)

(defprog slide (:type :tc)
  (when-let ((w (getmap windows 0)))
    (let ((index (logand (ctx hash) 31)))
      (when (< index 16)                                    ;-
;+    (when (< index 15)
        (setf (window-slots w (+ index 1)) (ctx len)))))
;             ^ root
  TC_ACT_OK)
