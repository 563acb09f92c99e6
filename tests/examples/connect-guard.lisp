;;; Which ports may the processes of a control group connect to? Those in a map; every other
;;; connect(2) fails with "operation not permitted".
;;;   veery run tests/examples/connect-guard.lisp      (change the directory to your group)

(defmap refused :type :hash :key u16 :value u64 :max-entries 1024)
(defmap forbidden :type :hash :key u16 :value u8 :max-entries 1024)

(defprog guard (:type :cgroup-sock-addr :section "cgroup/connect4")
  (let ((port u16 (ntohs (ctx user-port))))
    (when (map-lookup forbidden port)
      (incf (getmap refused port))
      (return 0)))
  1)

(setf (map-ref forbidden 7000) 1)
(attach guard "/sys/fs/cgroup")
(run-for 1)
(loop for (port . times) in (map-entries refused)
      do (format t "port ~d: refused ~d times~%" port times))
