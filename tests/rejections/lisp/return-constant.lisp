;; code: V0808
;; real: yes
;; kind: return value
;; -1 for "no": this hook knows 0 and 1.
(defmap denied :type :hash :key u32 :value u64 :max-entries 64)

(defprog deny (:type :cgroup-sock-addr :section "cgroup/sendmsg4")
  (let ((verdict 1))
    (when (getmap denied (ctx user-port))
      (setf verdict -1))                                    ;-
;     ^ root
;                   ^ also
;+    (setf verdict 0))
    verdict))
;   ^ also
