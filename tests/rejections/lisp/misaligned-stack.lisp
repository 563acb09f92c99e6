;; code: V0120
;; real: no
;; kind: misaligned
;; A u32 length behind a one-byte kind: an unaligned word on the stack.
(defmap records :type :hash :key-size 8 :value-size 8 :max-entries 16)

(defprog pack (:type :tc)
  (let ((r (struct-alloc 8)))
    (store u8 r 0 (ctx pkt-type))
    (store u32 r 1 (ctx len))                               ;-
;   ^ root
;+  (store u32 r 4 (ctx len))
    (map-update-ptr records r r BPF_ANY))
  TC_ACT_OK)
