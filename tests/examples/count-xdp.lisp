;;; Count packets: the smallest probe worth having.
;;;   veery run tests/examples/count-xdp.lisp
(defmap packets :type :array :key-size 4 :value-size 8 :max-entries 1)

(defprog count-packets (:type :xdp)
  (incf (getmap packets 0))
  XDP_PASS)
