;; code: V0552
;; real: yes
;; kind: dynptr
;; Written to after it was submitted.
(defmap events :type :ringbuf :max-entries 4096)

(defprog late (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((d (struct-alloc 16))
        (now u64 (ktime-get-ns)))
    (ringbuf-reserve-dynptr events 8 0 d)
;+  (dynptr-write d 0 (stack-addr now) 8 0)
    (ringbuf-submit-dynptr d 0)
    (dynptr-write d 0 (stack-addr now) 8 0))                ;-
;   ^ root
;                 ^ also
;+  )
  0)
