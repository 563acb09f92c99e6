;; code: V0505
;; real: no
;; kind: not available here
;; copy-from-user may wait for a page; a raw tracepoint may not wait.
(defprog read-path (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((b (struct-alloc 16)))
    (copy-from-user b 16 (ctx u64 8))                       ;-
;   ^ root
;+  (probe-read-user b 16 (ctx u64 8))
    (load u8 b 0))
  0)
