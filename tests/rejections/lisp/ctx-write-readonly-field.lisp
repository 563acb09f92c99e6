;; code: V0116
;; real: no
;; kind: context field
;; The length of a packet is not a knob.
(defprog shorten (:type :tc)
  (when (> (ctx len) 1000)
    (setf (ctx len) 1000))                                  ;-
;         ^ root
;+  (skb-change-tail (ctx-ptr) 1000 0))
  TC_ACT_OK)
