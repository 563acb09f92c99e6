;; code: V0552
;; real: yes
;; kind: dynptr
;; Sixteen bytes of stack are no dynptr yet.
(defmap events :type :ringbuf :max-entries 4096)

(defprog early (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((d (struct-alloc 16))
        (now u64 (ktime-get-ns)))
;+  (ringbuf-reserve-dynptr events 8 0 d)
    (dynptr-write d 0 (stack-addr now) 8 0)
;   ^ root
    (ringbuf-submit-dynptr d 0))
  0)
