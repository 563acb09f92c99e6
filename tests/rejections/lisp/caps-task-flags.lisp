;; code: V0706
;; real: no
;; kind: capabilities
;; caps: bpf
;; Kernel objects may only be read by who may see all of the kernel.
(defmap seen :type :hash :key u32 :value u64 :max-entries 16)

(defprog flags (:type :tc)
  (when-let ((task (bpf-task-from-pid 1)))
    (incf (getmap seen (load u32 task 44)))                 ;-
;                      ^ root
;+  (incf (getmap seen 1))
    (bpf-task-release task))
  TC_ACT_OK)
