;; code: V0808
;; real: yes
;; kind: return value
;; A connect hook says 0 or 1; a count of ports is neither.
(defmap blocked :type :hash :key u32 :value u64 :max-entries 64)

(defprog guard (:type :cgroup-sock-addr :section "cgroup/connect4")
  (getmap blocked (ctx user-port)))                         ;-
; ^ root
;+(if (getmap blocked (ctx user-port)) 0 1))
