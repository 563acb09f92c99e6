;; code: V0101
;; real: yes
;; kind: possible null
;; Every slot is there, says the author; an LRU hash disagrees.
(defmap weights :type :lru-hash :key u32 :value u64 :max-entries 128)
(defmap total :type :array :key u32 :value u64 :max-entries 1)

(defprog sum-weights (:type :xdp)
  (let ((sum 0))
    (dotimes (i 8)
      (let ((w (map-lookup weights i)))
        (setf sum (+ sum (load u64 w 0)))))                 ;-
;                        ^ root
;+      (when w
;+        (setf sum (+ sum (load u64 w 0))))))
    (setf (getmap total 0) sum)
    XDP_PASS))
