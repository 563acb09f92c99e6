;; code: V0321
;; real: yes
;; kind: RCU and other sections
;; The small packets leave inside the section.
(defkfunc rcu-read-lock () void)
(defkfunc rcu-read-unlock () void)

(defprog guarded (:type :tc)
  (rcu-read-lock)
  (when (< (ctx len) 64)
    (return TC_ACT_SHOT))                                   ;-
;   ^ root
;+  (rcu-read-unlock)
;+  (return TC_ACT_SHOT))
  (rcu-read-unlock)
  TC_ACT_OK)
