;; code: V0609
;; real: yes
;; kind: wrong argument
;; There may be no process of that number, for the second of the two packets' marks either.
(defprog poke (:type :tc)
  (let ((task (bpf-task-from-pid (ctx mark))))
    (unless task
      (setf task (bpf-task-from-pid (ctx priority))))
;+  (when task
    (bpf-task-release task))                                ;-
;   ^ root
;                     ^ also
;+    (bpf-task-release task)))
  TC_ACT_OK)
