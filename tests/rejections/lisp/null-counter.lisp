;; code: V0101
;; real: yes
;; kind: possible null
;; A packet counter by source address: the first packet of an address finds no entry.
(defmap packets :type :hash :key u32 :value u64 :max-entries 1024)

(defprog count-sources (:type :xdp)
  (with-ipv4 (data end ip)
    (let ((entry (map-lookup packets (ipv4-src-addr ip))))
      (store u64 entry 0 (+ 1 (load u64 entry 0)))))       ;-
;                             ^ root
;+    (if entry
;+        (store u64 entry 0 (+ 1 (load u64 entry 0)))
;+        (map-update packets (ipv4-src-addr ip) 1 BPF_ANY))))
  XDP_PASS)
