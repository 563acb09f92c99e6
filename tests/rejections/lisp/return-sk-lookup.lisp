;; code: V0808
;; real: yes
;; The verdict is kept in a map, and a map may hold anything.
(defmap verdicts :type :hash :key u32 :value u64 :max-entries 64)

(defprog steer (:type :sk-lookup)
  (let ((verdict (getmap verdicts (ctx local-port))))
    (when (> verdict 1)                                     ;-
      (setf verdict 2))                                     ;-
    verdict))                                               ;-
;   ^ root
;+  (if (> verdict 0) SK_PASS SK_DROP)))
