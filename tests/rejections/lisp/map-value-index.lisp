;; code: V0105
;; real: yes
;; kind: map value bounds
;; Sixteen slots, and a protocol number is 0 to 255.
(defstruct histogram (slots (array u32 16)))
(defmap stats :type :array :key u32 :value histogram :max-entries 1)

(defprog by-protocol (:type :xdp)
  (with-ipv4 (data end ip)
    (when-let ((h (getmap stats 0)))
      (let ((protocol (ipv4-protocol ip)))
        (incf (histogram-slots h protocol)))))              ;-
;             ^ root
;+      (when (< protocol 16)
;+        (incf (histogram-slots h protocol))))))
  XDP_PASS)
