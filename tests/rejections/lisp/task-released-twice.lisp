;; code: V0624
;; real: yes
;; kind: released twice
;; Both the loop's end and its early exit release.
(defprog twice (:type :tc)
  (when-let ((task (bpf-task-from-pid 1)))
    (bpf-task-release task)
    (when (> (ctx len) 64)                                  ;-
      (bpf-task-release task)))                             ;-
;     ^ root
;                       ^ also
;+  )
  TC_ACT_OK)
