;; code: V0101
;; real: yes
;; kind: possible null
;; A full ring buffer reserves nothing.
(defstruct event (pid u32) (uid u32))
(defmap events :type :ringbuf :max-entries 4096)

(defprog on-enter (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((e (ringbuf-reserve events (sizeof event) 0)))
    (setf (event-pid e) (current-pid)                       ;-
;         ^ root
          (event-uid e) (current-uid))                      ;-
    (ringbuf-submit e 0))                                   ;-
;+  (when e
;+    (setf (event-pid e) (current-pid)
;+          (event-uid e) (current-uid))
;+    (ringbuf-submit e 0)))
  0)
