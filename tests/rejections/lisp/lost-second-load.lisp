;; code: V0106
;; real: no
;; kind: bounds lost
;; The packet's data pointer is read again after the call, the end is not: nothing is known
;; about the new one.
(defmap ports :type :hash :key u16 :value u64 :max-entries 1024)

(defprog dest-port (:type :tc)
  (with-tc-packet (data end :min-len 54)
    (when (/= (skb-pull-data (ctx-ptr) 54) 0)
      (return TC_ACT_OK))
    (let ((fresh (tc-data)))
      (incf (getmap ports (load u16 fresh 36)))))           ;-
;                         ^ root
;+    (when (<= (+ fresh 54) (tc-data-end))
;+      (incf (getmap ports (load u16 fresh 36))))))
  TC_ACT_OK)
