;; code: V0155
;; real: yes
;; kind: possible null
;; The entry serves as a buffer, and there may be none.
(defmap names :type :hash :key u32 :value-size 16 :max-entries 1024)

(defprog remember-name (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((name (map-lookup names (current-pid))))
    (get-current-comm name 16))                             ;-
;   ^ root
;                     ^ also
;+  (when name
;+    (get-current-comm name 16)))
  0)
