;; code: V0124
;; real: yes
;; kind: uninitialised
;; caps: bpf
;; The key has 16 bytes, the variable behind the pointer 8.
(defmap pairs :type :hash :key-size 16 :value-size 8 :max-entries 64)

(defprog pair (:type :tc)
  (let ((k u64 (ctx hash)))                                 ;-
;+(let ((k (struct-alloc 16)))
    (when (map-lookup-elem pairs (stack-addr k))            ;-
;         ^ root
;                                ^ also
;+  (when (map-lookup-elem pairs k)
      (return TC_ACT_SHOT)))
  TC_ACT_OK)
