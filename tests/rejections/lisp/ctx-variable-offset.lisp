;; code: V0114
;; real: no
;; kind: context wrong size or modified
;; Which argument is to be read is chosen at run time.
(defmap which :type :array :key u32 :value u32 :max-entries 1)
(defmap values :type :hash :key u64 :value u64 :max-entries 1024)

(defprog nth-argument (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((n (logand (getmap which 0) 1)))
    (incf (getmap values (load u64 (+ (ctx-ptr) (* n 8)) 0)))) ;-
;                        ^ root
;+  (incf (getmap values (if n (ctx u64 8) (ctx u64 0)))))
  0)
