;; code: V0106
;; real: yes
;; kind: packet bounds
;; Nobody has asked whether there are 24 bytes.
(defmap protocols :type :hash :key u8 :value u64 :max-entries 256)

(defprog by-protocol (:type :xdp)
  (let ((frame (xdp-data)))
    (incf (getmap protocols (load u8 frame 23)))            ;-
;                           ^ root
;+  (when (<= (+ frame 24) (xdp-data-end))
;+    (incf (getmap protocols (load u8 frame 23))))
    XDP_PASS))
