;; code: V0512
;; real: yes
;; kind: offset or size not bounded
;; The caller of write(2) says how long the text is; nobody compares it with the buffer.
(defstruct line (length u32) (text (array u8 120)))
(defmap lines :type :ringbuf :max-entries 65536)

(defprog on-write (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((regs (ctx u64 0)))
    (with-ringbuf (l lines (sizeof line))
      (let ((n u32 (kernel-load u64 regs 96)))
        (setf (line-length l) n)
        (probe-read-user (line-text-ptr l) n (kernel-load u64 regs 104))))) ;-
;       ^ root
;                                          ^ also
;+      (probe-read-user (line-text-ptr l) (min n 120) (kernel-load u64 regs 104)))))
  0)
