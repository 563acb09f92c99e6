;; code: V0313
;; real: yes
;; kind: tail call
;; The next program knows nothing of the record that is reserved here.
(defmap next :type :prog-array :key u32 :value u32 :max-entries 4)
(defmap events :type :ringbuf :max-entries 4096)

(defprog first (:type :xdp)
  (when-let ((e (ringbuf-reserve events 8 0)))
    (store u64 e 0 (ktime-get-ns))
    (tail-call next 1)                                      ;-
;   ^ root
    (ringbuf-submit e 0))                                   ;-
;+  (ringbuf-submit e 0)
;+  (tail-call next 1))
  XDP_PASS)
