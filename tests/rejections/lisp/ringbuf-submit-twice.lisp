;; code: V0155
;; real: yes
;; kind: released twice
;; Submitted on the busy path, and then again by the code for all paths.
(defmap events :type :ringbuf :max-entries 4096)

(defprog twice (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (when-let ((e (ringbuf-reserve events 8 0)))
    (store u64 e 0 (ktime-get-ns))
    (when (= (get-smp-processor-id) 0)
      (ringbuf-submit e 1))                                 ;-
;+    (ringbuf-submit e 1)
;+    (return 0))
    (ringbuf-submit e 0))
;   ^ root
  0)
