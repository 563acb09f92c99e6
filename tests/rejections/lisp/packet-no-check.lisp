;; code: V0106
;; real: yes
;; Nobody has asked whether there are 14 bytes.
(defmap protocols :type :hash :key u16 :value u64 :max-entries 256)

(defprog by-ethertype (:type :xdp)
  (let ((frame (xdp-data)))
    (incf (getmap protocols (ntohs (load u16 frame 12))))   ;-
;                                  ^ root
;+  (when (<= (+ frame 14) (xdp-data-end))
;+    (incf (getmap protocols (ntohs (load u16 frame 12)))))
    XDP_PASS))
