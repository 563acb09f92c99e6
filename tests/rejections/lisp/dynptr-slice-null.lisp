;; code: V0101
;; real: yes
;; kind: dynptr
;; The record has 16 bytes; asked for 32, the answer is null.
(defmap events :type :ringbuf :max-entries 4096)

(defprog slice (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((d (struct-alloc 16)))
    (ringbuf-reserve-dynptr events 16 0 d)
    (let ((p (dynptr-data d 0 16)))
      (store u64 p 0 (ktime-get-ns)))                       ;-
;     ^ root
;+    (when p
;+      (store u64 p 0 (ktime-get-ns))))
    (ringbuf-submit-dynptr d 0))
  0)
