;; code: V0631
;; real: yes
;; kind: RCU and other sections
;; The section is left before it was entered, on one way.
(defkfunc rcu-read-lock () void)
(defkfunc rcu-read-unlock () void)

(defprog early (:type :tc)
  (when (> (ctx len) 100)
    (rcu-read-lock))                                        ;-
;+  (rcu-read-lock)
;+  (rcu-read-unlock))
  (rcu-read-unlock)                                         ;-
; ^ root
  TC_ACT_OK)
