;; code: V0502
;; real: no
;; kind: not available here
;; XDP runs in the driver, on behalf of nobody.
(defmap by-pid :type :hash :key u64 :value u64 :max-entries 1024)

(defprog who-sent (:type :xdp)
  (incf (getmap by-pid (>> (get-socket-cookie (ctx-ptr)) 32))) ;-
;                          ^ root
;+(incf (getmap by-pid (ctx ingress-ifindex)))
  XDP_PASS)
