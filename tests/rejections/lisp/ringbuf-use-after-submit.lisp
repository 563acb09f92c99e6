;; code: V0101
;; real: yes
;; kind: used after release
;; Once submitted, the record belongs to the reader.
(defstruct event (pid u32) (cpu u32))
(defmap events :type :ringbuf :max-entries 4096)

(defprog log-tick (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (when-let ((e (ringbuf-reserve events (sizeof event) 0)))
    (setf (event-pid e) (current-pid))
    (ringbuf-submit e 0)                                    ;-
    (setf (event-cpu e) (get-smp-processor-id)))            ;-
;         ^ root
;+  (setf (event-cpu e) (get-smp-processor-id))
;+  (ringbuf-submit e 0))
  0)
