;; code: V0313
;; real: yes
;; kind: not released
;; Filled and forgotten.
(defstruct sample (cpu u32) (pid u32) (when-ns u64))
(defmap samples :type :ringbuf :max-entries 65536)

(defprog sample-switch (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (when-let ((s (ringbuf-reserve samples (sizeof sample) 0)))
;               ^ root
    (setf (sample-cpu s) (get-smp-processor-id)
          (sample-pid s) (current-pid)
          (sample-when-ns s) (ktime-get-ns)))               ;-
;+        (sample-when-ns s) (ktime-get-ns))
;+  (ringbuf-submit s 0))
  0)
