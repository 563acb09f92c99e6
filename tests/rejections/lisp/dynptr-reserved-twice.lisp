;; code: V0140
;; real: yes
;; kind: dynptr
;; The second record is put where the first one is held.
(defmap events :type :ringbuf :max-entries 4096)

(defprog two (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((d (struct-alloc 16)))
    (ringbuf-reserve-dynptr events 8 0 d)                   ;-
    (ringbuf-reserve-dynptr events 8 0 d)
;   ^ root
    (ringbuf-submit-dynptr d 0))
  0)
