;; code: V0313
;; real: yes
;; kind: not released
;; A looked-up socket is counted until it is released.
(defmap known :type :hash :key u32 :value u64 :max-entries 1024)

(defprog local-only (:type :tc)
  (let ((tuple (struct-alloc 12)))
    (store u32 tuple 0 (ctx hash))
    (when-let ((sk (sk-lookup-tcp (ctx-ptr) tuple 12 0 0)))
;                  ^ root
      (incf (getmap known 0))                               ;-
      (return TC_ACT_OK))                                   ;-
;     ^ also
;+    (incf (getmap known 0))
;+    (sk-release sk)
;+    (return TC_ACT_OK))
    TC_ACT_SHOT))
