;; code: V0124
;; real: yes
;; kind: stack bounds
;; The buffer has 16 bytes, and the name of a process may be read with a size of 32.
(defmap names :type :hash :key u32 :value u64 :max-entries 1024)

(defprog by-name (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((comm (struct-alloc 16)))
    (get-current-comm comm 32)                              ;-
;   ^ root
;                     ^ also
;+  (get-current-comm comm 16)
    (incf (getmap names (load u32 comm 0))))
  0)
