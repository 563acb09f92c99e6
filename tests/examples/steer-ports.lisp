;;; One server for a thousand ports: connections to 7000-7999 go to the socket that listens
;;; on 7777, whoever it belongs to.
;;;   veery run tests/examples/steer-ports.lisp
;;; The server must start to listen after this does: that is how its socket is found.

(defmap server :type :sockmap :key u32 :value u64 :max-entries 1)
(defmap steered :type :hash :key u16 :value u64 :max-entries 1024)

(defconstant +server-port+ 7777)
(defconstant +tcp-listen+ 11)           ; BPF_SOCK_OPS_TCP_LISTEN_CB

(defprog find-server (:type :sock-ops)
  (when (and (= (ctx op) +tcp-listen+)
             (= (ctx local-port) +server-port+))
    (let ((slot (struct-alloc 4)))
      (sock-map-update (ctx-ptr) server slot BPF_ANY)))
  1)

(defprog steer (:type :sk-lookup)
  (let ((port (ctx local-port)))
    (when (and (>= port 7000) (<= port 7999))
      (when-let ((socket (map-lookup server 0)))
        (sk-assign (ctx-ptr) socket 0)
        (sk-release socket)
        (incf (getmap steered port)))))
  SK_PASS)

(attach find-server "/sys/fs/cgroup")
(attach steer "/proc/self/ns/net")
(run-for 1)
(loop for (port . connections) in (map-entries steered)
      do (format t "port ~d: ~d connections steered~%" port connections))
