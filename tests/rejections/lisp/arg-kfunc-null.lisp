;; code: V0609
;; real: yes
;; There may be no process of that number.
(defprog poke (:type :tc)
  (let ((task (bpf-task-from-pid (ctx mark))))
    (bpf-task-release task))                                ;-
;   ^ root
;                     ^ also
;+  (when task
;+    (bpf-task-release task)))
  TC_ACT_OK)
