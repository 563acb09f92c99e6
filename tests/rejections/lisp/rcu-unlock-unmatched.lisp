;; code: V0631
;; real: yes
;; kind: RCU and other sections
;; One lock, two unlocks.
(defkfunc rcu-read-lock () void)
(defkfunc rcu-read-unlock () void)

(defprog unbalanced (:type :tc)
  (rcu-read-lock)
  (when (> (ctx len) 64)                                    ;-
    (rcu-read-unlock))                                      ;-
  (rcu-read-unlock)
; ^ root
  TC_ACT_OK)
