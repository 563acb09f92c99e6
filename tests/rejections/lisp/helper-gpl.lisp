;; code: V0504
;; real: no
;; kind: not available here
;; Reading kernel memory is for programs under a license that fits the kernel's.
(defmap results :type :hash :key u32 :value u64 :max-entries 64)

(defprog peek (:type :raw-tracepoint :section "raw_tp/sys_enter"
;+            :license "GPL")
               :license "Proprietary")                      ;-
;              ^ also
  (let ((b (struct-alloc 8)))
    (probe-read-kernel b 8 (ctx u64 0))
;   ^ root
    (incf (getmap results (load u32 b 0))))
  0)
