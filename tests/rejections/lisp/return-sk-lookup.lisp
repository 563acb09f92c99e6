;; code: V0808
;; real: yes
;; kind: return value
;; 2 stands for "drop" to tc; here it stands for nothing.
(defmap verdicts :type :hash :key u32 :value u64 :max-entries 64)

(defprog steer (:type :sk-lookup)
  (let ((verdict (getmap verdicts (ctx local-port))))
    (when (> verdict 1)
      (setf verdict 2))                                     ;-
;     ^ root
;+    (setf verdict 0))
    verdict))
;   ^ also
