;; code: V0107
;; real: yes
;; kind: map value bounds
;; The record has eight bytes; the time starts at the eighth.
(defmap events :type :ringbuf :max-entries 4096)

(defprog stamp (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (when-let ((e (ringbuf-reserve events 8 0)))              ;-
;+(when-let ((e (ringbuf-reserve events 16 0)))
    (store u32 e 0 (current-pid))
    (store u64 e 8 (ktime-get-ns))
;   ^ root
    (ringbuf-submit e 0))
  0)
