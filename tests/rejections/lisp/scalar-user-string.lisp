;; code: V0101
;; real: no
;; kind: number as pointer
;; The argument of a system call points into the memory of the process.
(defmap first-letters :type :array :key u32 :value u64 :max-entries 256)

(defprog on-open (:type :tracepoint :section "tracepoint/syscalls/sys_enter_openat")
  (let ((path (ctx u64 24)))
    (incf (getmap first-letters (load u8 path 0))))         ;-
;                               ^ root
;+  (let ((letter (struct-alloc 1)))
;+    (probe-read-user letter 1 path)
;+    (incf (getmap first-letters (load u8 letter 0)))))
  0)
