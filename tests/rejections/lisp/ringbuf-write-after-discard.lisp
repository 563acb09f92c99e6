;; code: V0101
;; real: yes
;; kind: used after release
;; The record is given up for root, and written to all the same.
(defstruct event (uid u32) (pid u32))
(defmap events :type :ringbuf :max-entries 4096)

(defprog log-users (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (when-let ((e (ringbuf-reserve events (sizeof event) 0)))
    (setf (event-uid e) (current-uid))
    (when (= (event-uid e) 0)
      (ringbuf-discard e 0)                                 ;-
      (setf (event-pid e) 0)                                ;-
;           ^ root
;+    (ringbuf-discard e 0)
      (return 0))
    (setf (event-pid e) (current-pid))
    (ringbuf-submit e 0))
  0)
