;; code: V0116
;; real: no
;; kind: read-only
;; cgroup programs see packets, they do not change them.
(defprog stamp (:type :cgroup-skb)
  (setf (ctx hash) 1)                                       ;-
;       ^ root
;+(setf (ctx mark) 1)
  1)
