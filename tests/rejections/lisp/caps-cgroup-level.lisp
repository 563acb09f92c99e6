;; code: V0706
;; real: no
;; kind: capabilities
;; caps: bpf
;; The same of a control group.
(defmap levels :type :hash :key u32 :value u64 :max-entries 16)

(defprog level (:type :tc)
  (when-let ((cg (bpf-cgroup-from-id 1)))
    (incf (getmap levels (load u32 cg 88)))                 ;-
;                        ^ root
;+  (incf (getmap levels 0))
    (bpf-cgroup-release cg))
  TC_ACT_OK)
