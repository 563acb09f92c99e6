;; code: V0145
;; real: no
;; kind: pointer leaked
;; caps: bpf
;; The address of the context makes a fine key, thinks the author: it leaks it.
(defmap ctxs :type :array :key u32 :value u64 :max-entries 1)

(defprog by-ctx (:type :tc)
  (when-let ((s (map-lookup ctxs 0)))
    (atomic-xchg s 0 (ctx-ptr)))                            ;-
;   ^ root
;+  (atomic-xchg s 0 (ctx len)))
  TC_ACT_OK)
