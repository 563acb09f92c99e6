;; code: V0116
;; real: no
;; kind: context field
;; The format has the fields at 16 and 24; 512 is far behind the record.
(defprog far (:type :tracepoint :section "tracepoint/syscalls/sys_enter_openat")
  (let ((flags (ctx u64 8192)))                             ;-
;              ^ root
;+(let ((flags (ctx u64 32)))
    (when (= flags 0)
      (return 1)))
  0)
