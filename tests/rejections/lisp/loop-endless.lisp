;; code: V0301
;; real: yes
;; kind: loop not shown to end
;; Nothing in the loop moves towards its end: `i` is never counted.
(defmap sums :type :array :key u32 :value u64 :max-entries 1)

(defprog sum (:type :xdp)
  (let ((i 0)
        (total 0))
    (while (< i 8)
;   ^ root
      (setf total (+ total (ctx rx-queue-index))))          ;-
;+    (setf total (+ total (ctx rx-queue-index)))
;+    (incf i))
    (setf (getmap sums 0) total)
    XDP_PASS))
