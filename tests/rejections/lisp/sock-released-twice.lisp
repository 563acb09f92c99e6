;; code: V0155
;; real: yes
;; kind: released twice
;; Released in the branch, and at the end again.
(defprog peers (:type :tc)
  (let ((tuple (struct-alloc 12)))
    (when-let ((sk (sk-lookup-udp (ctx-ptr) tuple 12 0 0)))
      (when (> (ctx len) 100)
        (sk-release sk))                                    ;-
;+      (sk-release sk)
;+      (return TC_ACT_SHOT))
      (sk-release sk))
;     ^ root
;                 ^ also
    TC_ACT_OK))
