;; code: V0313
;; real: yes
;; kind: not released
;; A dynptr on a record of the ring is given back even when reserving failed.
(defmap events :type :ringbuf :max-entries 4096)

(defprog dyn (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((d (struct-alloc 16))
        (pid u64 (current-pid)))
    (when (/= (ringbuf-reserve-dynptr events 8 0 d) 0)
;             ^ also
      (return 0))                                           ;-
;     ^ root
;+    (ringbuf-discard-dynptr d 0)
;+    (return 0))
    (dynptr-write d 0 (stack-addr pid) 8 0)
    (ringbuf-submit-dynptr d 0))
  0)
