;; code: V0101
;; real: yes
;; kind: possible null
;; No connection, no socket.
(defmap families :type :hash :key u32 :value u64 :max-entries 16)

(defprog family (:type :tc)
  (let ((sk (sk-lookup-tcp (ctx-ptr) (struct-alloc 12) 12 0 0)))
    (incf (getmap families (load u32 sk 4)))                ;-
;                          ^ root
    (sk-release sk)                                         ;-
;+  (when sk
;+    (incf (getmap families (load u32 sk 4)))
;+    (sk-release sk))
    TC_ACT_OK))
