;; code: V0116
;; real: no
;; kind: context field
;; Direct packet access is for tc and XDP; a socket filter has to ask for the bytes.
(defmap kinds :type :hash :key u16 :value u64 :max-entries 64)

(defprog kinds-seen (:type :socket-filter)
  (let ((data (ctx u32 76)))                                ;-
;             ^ root
    (incf (getmap kinds (cast u16 data))))                  ;-
;+(let ((kind (struct-alloc 2)))
;+  (skb-load-bytes (ctx-ptr) 12 kind 2)
;+  (incf (getmap kinds (load u16 kind 0))))
  0)
