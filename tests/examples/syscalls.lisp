;;; Who makes system calls here? Then, without stopping: how long do they take?
;;;   make demo

(defstruct caller
  (calls u64)
  (comm (array u8 16)))

(defmap callers :type :hash :key-size 4 :value-type caller :max-entries 10240)

(defprog count-calls (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let* ((pid u32 (>> (get-current-pid-tgid) 32))
         (known (map-lookup callers pid)))
    (if known
        (atomic-add known 0 1)
        (let ((new (make-caller)))
          (setf (caller-calls new) 1)
          (get-current-comm (caller-comm-ptr new) 16)
          (map-update-ptr callers (stack-addr pid) new BPF_ANY))))
  0)

(attach count-calls)
(format t "Counting system calls by process...~%")
(live-table callers :seconds 3 :top 12)
(format t "~%The busiest, so far:~%")
(bars callers :top 8)

;; The same program again, now with a latency histogram. It replaces the running one in
;; place; the counts stay.
(defmap entered :type :hash :key-size 8 :value-size 8 :max-entries 10240)
(defmap latency :type :array :key-size 4 :value-size 8 :max-entries 64)

(defprog count-calls (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let* ((id (get-current-pid-tgid))
         (pid u32 (>> id 32))
         (known (map-lookup callers pid)))
    (setf (getmap entered id) (ktime-get-ns))
    (if known
        (atomic-add known 0 1)
        (let ((new (make-caller)))
          (setf (caller-calls new) 1)
          (get-current-comm (caller-comm-ptr new) 16)
          (map-update-ptr callers (stack-addr pid) new BPF_ANY))))
  0)

(defprog time-calls (:type :raw-tracepoint :section "raw_tp/sys_exit")
  (let* ((id (get-current-pid-tgid))
         (began (getmap entered id)))
    (when began
      (remmap entered id)
      (incf (getmap latency (log2 (- (ktime-get-ns) began))))))
  0)

(attach time-calls)
(format t "~%Redefined while running; now timing each call as well...~%")
(run-for 2)
(format t "~%Latency of system calls, in nanoseconds:~%")
(show-hist latency)
(format t "~%And nothing was forgotten:~%")
(bars callers :top 8)
