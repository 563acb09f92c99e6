;;; Drop TCP to one port, and count it.
(defmap dropped :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog drop_port (:type :xdp)
  (with-tcp (data end tcp)
    (when (= (tcp-dst-port tcp) 8080)
      (incf (getmap dropped 0))
      (return XDP_DROP)))
  XDP_PASS)
