;;; unknown form
;; error C0002 2:26 did you mean `when`
(defprog p (:type :xdp) (wehn 1 2))

;;; unknown helper
;; error C0002 2:26 ktime-get-ns
(defprog p (:type :xdp) (ktime-get-nss))

;;; unbound variable
;; error C0003 2:42 did you mean `count`
(defprog p (:type :xdp) (let ((count 1)) cuont))

;;; argument count of a form
;; error C0004 2:25 `not` takes 1 argument, found 2
(defprog p (:type :xdp) (not 1 2))

;;; argument count of a helper
;; error C0004 2:25 takes 0 arguments, found 1
(defprog p (:type :xdp) (ktime-get-ns 1))

;;; too many arguments to if
;; error C0004 2:25 `if` takes 2 to 3 arguments, found 4
(defprog p (:type :xdp) (if 1 2 3 4))

;;; unknown map
;; error C0005 3:33 did you mean `pkt-count`
(defmap pkt-count :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog p (:type :xdp) (getmap pkt-cuont 0))

;;; unknown type
;; error C0006 2:31 did you mean `u32`
(defprog p (:type :xdp) (load u33 (ctx-ptr) 0))

;;; unknown map type
;; error C0006 2:17 did you mean `:lru-hash`
(defmap m :type :lruhash :key-size 4 :value-size 8 :max-entries 1)

;;; unknown option
;; error C0007 2:11 did you mean `:type`
(defmap m :tpye :hash :key-size 4 :value-size 8 :max-entries 1)

;;; missing max-entries
;; error C0019 2:1 :max-entries
(defmap m :type :hash :key-size 4 :value-size 8)

;;; unknown context field
;; error C0008 2:30 did you mean `data-end`
(defprog p (:type :xdp) (ctx data-edn))

;;; literal too large for its type
;; error C0009 2:37 300 does not fit in u8
(defprog p (:type :xdp) (let ((a u8 300)) a))

;;; division by zero
;; error C0011 2:30 division by zero
(defprog p (:type :xdp) (/ 5 0))

;;; shift too far
;; error C0011 2:31 counts are 0 to 63
(defprog p (:type :xdp) (<< 1 64))

;;; runtime ash
;; error C0010 2:32 use << or >>
(defprog p (:type :xdp) (ash 1 (ktime-get-ns)))

;;; wrong map type
;; error C0012 3:36 a map of type `hash`
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 1)
(defprog p (:type :xdp) (tail-call h 0))

;;; not a place
;; error C0013 2:31 cannot be assigned
(defprog p (:type :xdp) (setf (+ 1 2) 3))

;;; unchecked lookup
;; error C0014 3:35 test the pointer first
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 1)
(defprog p (:type :xdp) (load u64 (map-lookup h 1) 0))

;;; stack too large
;; error C0015 2:1 `a`: 300 bytes
(defprog p (:type :xdp)
  (let ((a (struct-alloc 300)) (b (struct-alloc 300)))
    (get-current-comm a 16) (get-current-comm b 16)))

;;; unknown program type
;; error C0016 2:19 did you mean `:tracepoint`
(defprog p (:type :tracpoint) 0)

;;; unknown section
;; error C0016 2:22 did you mean "tracepoint"
(defprog p (:section "tracpoint") 0)

;;; strings are no values
;; error C0018 2:30 a string is no value
(defprog p (:type :xdp) (+ 1 "x"))

;;; keywords are no values
;; error C0018 2:30 the keyword `:kw`
(defprog p (:type :xdp) (+ 1 :kw))

;;; floats are no values
;; error C0018 2:30 floating point
(defprog p (:type :xdp) (+ 1 1.5))

;;; unknown struct
;; error C0020 3:33 did you mean `event`
(defstruct event (a u32))
(defprog p (:type :xdp) (sizeof evnet))

;;; constants cannot be bound
;; error C0022 2:32 `XDP_PASS` is a constant
(defprog p (:type :xdp) (let ((XDP_PASS 1)) 2))

;;; break outside of a loop
;; error C0026 2:25 outside of a loop
(defprog p (:type :xdp) (break))

;;; misaligned atomic
;; error C0027 4:52 not aligned
(defmap m :type :array :key-size 4 :value-size 16 :max-entries 1)
(defprog p (:type :xdp)
  (when-let ((q (map-lookup m 0)))   (atomic-add q 3 1)))

;;; several errors in one run
;; error C0003 4:3 nosuch
;; error C0002 5:4 nofun
(defprog p (:type :xdp)
  nosuch
  (nofun 1)
  3)

;;; setf of an unbound variable
;; error C0003 2:31 nosuch
(defprog p (:type :xdp) (setf nosuch 3))

;;; malformed binding
;; error C0001 2:31 a binding is
(defprog p (:type :xdp) (let ((1 2)) 3))

;;; odd setf
;; error C0001 2:41 pairs
(defprog p (:type :xdp) (let ((a 1)) a) (setf a))

;;; unknown field of a kernel struct
;; error C0008 2:35 did you mean `pid`
(import-kernel-struct task_struct pdi)

;;; pointer to another struct
;; error C0018 5:19 points to a task-struct
(import-kernel-struct task_struct pid)
(import-kernel-struct list_head next)
(defprog p (:type :kprobe)
  (list-head-next (as-task-struct (get-current-task))))

;;; argument count of a kernel function
;; error C0004 2:24 takes 0 arguments, found 1
(defprog p (:type :tc) (bpf-rcu-read-lock 1))

;;; argument count of a function of one's own
;; error C0004 3:25 defined here
(defn f (a b) (+ a b))
(defprog p (:type :xdp) (f 1))

;;; return code outside of the set
;; error C0024 3:3 1 pass
(defprog p (:type :cgroup-skb :section "cgroup_skb/ingress")
  (return 2))

;;; recursion
;; error C0028 2:1 in a circle
(defn f (n) (if n (f (- n 1)) 0))
(defprog p (:type :xdp) (f 3))

;;; unknown macro of the prelude
;; error C0002 2:26 did you mean `with-tcp`
(defprog p (:type :xdp) (with-tpc (data data-end tcp) (return 1)) 2)

;;; a function of the other side
;; error C0002 2:26 `mapcar` is a function of the prompt's side
(defprog p (:type :xdp) (mapcar 1 2) 2)

;;; unknown argument of the function hooked
;; error C0008 2:50 did you mean `prev`
(defprog p (:section "tp_btf/sched_switch") (ctx prv))

;;; a field of who knows what
;; error C0018 2:48 name it
(defprog p (:section "raw_tp/x") 0 (kernel-ref (ctx-ptr) pid))

;;; a field that this kernel lacks, unasked
;; error C0008 3:37 ask (core-field-exists task_struct statee)
(defprog p (:type :kprobe)
  (kernel-ref task-struct (ctx-ptr) statee))

;;; an index beyond the array
;; error C0010 3:43 16 elements
(defprog p (:type :kprobe)
  (kernel-ref task-struct (ctx-ptr) (comm 16)))

;;; frames of a chain of calls
;; error C0015 4:1 `inner`: 256 bytes
(defn inner () (let ((b (struct-alloc 256))) (get-current-comm b 16) (load u8 b 0)))
(defn outer () (let ((b (struct-alloc 200))) (get-current-comm b 16) (+ (inner) (load u8 b 0))))
(defprog p (:type :tc)
  (let ((b (struct-alloc 100))) (get-current-comm b 16) (+ (outer) (load u8 b 0))))

;;; an argument that points to an unknown struct
;; error C0020 2:10 no such struct: nosuch
(defn f ((p (struct nosuch))) (load u32 p 0))

;;; a context field that is not there: which are
;; error C0008 2:30 it has data, data-end
(defprog p (:type :xdp) (ctx foo))

;;; a map type that is not there: which are
;; error C0006 2:17 map types are hash, array
(defmap m :type :bogus :key-size 4 :value-size 8 :max-entries 1)

;;; a program type that is not there: which are
;; error C0016 2:19 program types are socket-filter
(defprog p (:type :bogus) 0)

;;; a slip before the target of a section
;; error C0016 2:22 did you mean "tracepoint/sched/sched_switch"?
(defprog p (:section "tracepont/sched/sched_switch") 0)

;;; a field of one's own that is not there: which are
;; error C0002 4:27 there are f-a, f-b-x
(defstruct f (a u32) (b-x u32))
(defprog p (:type :xdp) (let ((x (make-f)))
                         (f-nosuch x)))

;;; a field of a header that is not there: which are
;; error C0002 2:42 eth-src-mac-lo, eth-type
(defprog p (:type :xdp) (with-eth (d e) (eth-nosuch d)))

;;; struct-ref of a field that is not there: which are
;; error C0008 4:42 it has a, b-x
(defstruct f (a u32) (b-x u32))
(defprog p (:type :xdp) (let ((x (make-f)))
                         (struct-ref f x nosuch)))

;;; a field of a kernel struct that is not there: which are
;; error C0008 2:35 it has thread-info
(import-kernel-struct task-struct nosuch)

;;; a string as a value
;; error C0018 2:25 (stack-string "...")
(defprog p (:type :xdp) "abc")

;;; what a macro of the prompt's side expands to
;; error C0002 2:25 `do` is a macro of the prompt's side
(defprog p (:type :xdp) (do ((i 0 (1+ i))) ((= i 3)) i))

;;; Common Lisp that the kernel side does in another way
;; error C0002 2:26 (defn NAME (ARG...) BODY...)
(defprog p (:type :xdp) (flet ((f (x) x)) (f 1)))

;;; no block of that name
;; error C0026 2:38 (break) a loop
(defprog p (:type :xdp) (return-from x 1))

;;; a constant of the program's as a variable
;; error C0022 3:32 cannot be a variable
(defconstant +x+ 5)
(defprog p (:type :xdp) (let ((+x+ 3)) +x+))

;;; a constant that is no integer
;; error C0003 3:25 integers of 64 bits
(defconstant +x+ "text")
(defprog p (:type :xdp) +x+)

;;; registers in a program that sees none
;; error C0017 2:25 see no registers
(defprog p (:type :xdp) (pt-regs-parm1))
