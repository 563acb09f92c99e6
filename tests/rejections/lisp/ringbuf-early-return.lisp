;; code: V0313
;; real: yes
;; kind: not released
;; Leaving in the middle of with-ringbuf keeps the record reserved for ever.
(defstruct event (pid u32) (uid u32))
(defmap events :type :ringbuf :max-entries 4096)

(defprog on-exit (:type :raw-tracepoint :section "raw_tp/sys_exit")
  (with-ringbuf (e events (sizeof event))
    (setf (event-pid e) (current-pid)
          (event-uid e) (current-uid))
    (when (= (event-uid e) 0)
      (return 0)))                                          ;-
;     ^ root
;+    (ringbuf-discard e 0)
;+    (return 0)))
  0)
