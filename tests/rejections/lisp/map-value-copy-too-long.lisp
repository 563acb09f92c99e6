;; code: V0105
;; real: yes
;; kind: map value bounds
;; The value takes 16 bytes of name, the helper is told 64.
(defmap names :type :array :key u32 :value-size 16 :max-entries 1)

(defprog comm (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (when-let ((n (map-lookup names 0)))
    (get-current-comm n 64))                                ;-
;   ^ root
;+  (get-current-comm n 16))
  0)
