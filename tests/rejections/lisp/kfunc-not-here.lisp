;; code: V0604
;; real: no
;; kind: not available here
;; Socket filters call no functions that work on tasks.
(defprog find-init (:type :sk-lookup)
  (when-let ((task (bpf-task-from-pid 1)))                  ;-
;                  ^ root
    (bpf-task-release task))                                ;-
  SK_PASS)
