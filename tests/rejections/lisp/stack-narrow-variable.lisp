;; code: V0124
;; real: yes
;; kind: uninitialised
;; Eight bytes of key are handed over, the variable has four.
(defmap seen :type :hash :key u64 :value u64 :max-entries 1024)

(defprog mark (:type :xdp)
  (let ((key u32 (ctx ingress-ifindex))                     ;-
;+(let ((key u64 (ctx ingress-ifindex))
;        ^ also
        (one u64 1))
    (map-update-ptr seen (stack-addr key) (stack-addr one) BPF_ANY)
;   ^ root
;                        ^ also
    XDP_PASS))
