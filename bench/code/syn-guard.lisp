;;; SYNs by source address, with a limit.
(defmap syns :type :hash :key u32 :value u64 :max-entries 65536)
(defprog syn_guard (:type :xdp)
  (with-tcp (data end tcp)
    (when (= (logand (tcp-flags tcp) #x12) 2)
      (let ((source u32 (ipv4-src-addr (+ data 14))))
        (if-let (n (map-lookup syns source))
          (progn
            (atomic-add n 0 1)
            (when (> (load u64 n 0) 100)
              (return XDP_DROP)))
          (map-update syns source 1 BPF_NOEXIST)))))
  XDP_PASS)
