;; code: V0101
;; real: yes
;; kind: possible null
;; The session struct comes from a hash map, so getmap is a pointer or 0.
(defstruct session
  (packets u64)
  (bytes u64))
(defmap sessions :type :lru-hash :key u32 :value session :max-entries 4096)

(defprog account (:type :tc)
  (let ((s (getmap sessions (ctx hash))))
    (incf (session-packets s))                              ;-
;         ^ root
    (incf (session-bytes s) (ctx len)))                     ;-
;+  (when s
;+    (incf (session-packets s))
;+    (incf (session-bytes s) (ctx len))))
  TC_ACT_OK)
