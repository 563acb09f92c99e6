;;; SPDX-License-Identifier: MIT
;;; session.lisp: conveniences of the prompt over the session's functions (core/session).

(defsetf map-ref set-map-ref)

(defmacro every (seconds &body body)
  "(every SECONDS BODY...): evaluate BODY again and again while the session waits (run-for).
SECONDS is a literal number; (every FUNCTION SEQUENCE...) is Common Lisp's."
  (if (numberp seconds)
      `(call-every ,seconds (lambda () ,@body))
      `(funcall #'every ,seconds ,@body)))

;;; Whistler's inline sessions. The reader drops every package but `bpf`, so that bpf:map is
;;; no other map. Only the forms directly inside with-bpf-session are declarations.

(defun %session-forms (head forms)
  (remove-if-not (lambda (f) (and (consp f) (eq (car f) head) (symbolp (second f)))) forms))

;; (("c_name" . name) ...): what the kernel calls it, and what we do.
(defun %session-names (forms)
  (mapcar (lambda (f) (cons (substitute #\_ #\- (string-downcase (symbol-name (second f)))) (second f)))
          forms))

(defmacro with-bpf-session (options &body forms)
  "(with-bpf-session () (bpf:map NAME ...) (bpf:prog NAME (...) ...) BODY...): define, run BODY,
and take everything down again however BODY is left."
  (declare (ignore options))
  (let* ((maps (%session-forms 'bpf:map forms))
         (progs (%session-forms 'bpf:prog forms))
         (body (remove-if (lambda (f) (or (member f maps) (member f progs))) forms)))
    `(unwind-protect
         (let ((*bpf-session* '((maps ,@(%session-names maps))
                                (progs ,@(%session-names progs))))) ,@(mapcar (lambda (f) `(defmap ,@(cdr f))) maps)
                ,@(mapcar (lambda (f) `(defprog ,@(cdr f))) progs)
                ,@body)
       (forget-if-defined ,@(mapcar (lambda (f) `',(second f)) (append progs maps))))))

(defmacro bpf:attach (program &rest arguments) `(attach ,program ,@arguments))
(defmacro bpf:detach (program) `(detach ,program))
(defmacro bpf:map-ref (map &optional (key nil key-p)) (if key-p `(map-ref ,map ,key) map))
(defsetf bpf:map-ref set-map-ref)
(defvar *bpf-session* nil)
(defun bpf-session-map (name &optional session)
  (declare (ignore session))
  (and (map-named-p name) name))
(defun bpf-session-prog (name &optional session)
  (declare (ignore session))
  (and (program-named-p name) name))
(defun bpf-session-maps (&optional (session *bpf-session*)) (cdr (assoc 'maps session)))
(defun bpf-session-progs (&optional (session *bpf-session*)) (cdr (assoc 'progs session)))

;;; Whistler's objects: maps and programs go by the names they have in the object. What an object
;;; that was written here holds is what is defined here; others are read.
(defun open-bpf-object (path) path)
(defun load-bpf-object (object)
  (unless (object-written-here-p object) (load-object object))
  object)
(defun close-bpf-object (object) (declare (ignore object)) nil)
(defmacro with-bpf-object ((name path) &body body)
  `(let ((,name (load-bpf-object (open-bpf-object ,path))))
     (declare (ignorable ,name))
     ,@body))
(defun bpf-object-map (object name) (declare (ignore object)) (and (map-named-p name) name))
(defun bpf-object-prog (object name) (declare (ignore object)) (and (program-named-p name) name))
(defun attach-obj-cgroup (object program path &optional type)
  (declare (ignore object type))
  (attach program path))
(defun attach-obj-xdp (object program interface &key mode)
  (declare (ignore object mode))
  (attach program interface))
(defun attach-obj-tc (object program interface &key (direction "ingress"))
  (declare (ignore object))
  (attach program interface :egress (equal direction "egress")))
(defun attach-obj-kprobe (object program function &key retprobe)
  (declare (ignore object))
  (attach program function :retprobe retprobe))
(defun attach-obj-uprobe (object program path symbol &key retprobe)
  (declare (ignore object))
  (attach program path symbol :retprobe retprobe))
(defconstant +bpf-cgroup-inet-ingress+ 0)
(defconstant +bpf-cgroup-inet-egress+ 1)
(defconstant +bpf-cgroup-inet-sock-create+ 2)
(defconstant +bpf-cgroup-inet4-bind+ 8)
(defconstant +bpf-cgroup-inet6-bind+ 9)
(defconstant +bpf-cgroup-inet4-connect+ 10)
(defconstant +bpf-cgroup-inet6-connect+ 11)
(defconstant +bpf-cgroup-inet4-post-bind+ 12)
(defconstant +bpf-cgroup-inet6-post-bind+ 13)
(defconstant +bpf-cgroup-udp4-sendmsg+ 14)
(defconstant +bpf-cgroup-udp6-sendmsg+ 15)
(defconstant +bpf-cgroup-inet-sock-release+ 34)

;;; Its attachers, by what they are told; here every program knows its hook, and what takes its
;;; descriptor takes its name.
(defun prog-info-fd (program) program)
(defun prog-info-name (program) (string-downcase (string program)))
(defun map-info-fd (map) map)
(defun map-info-name (map) (string-downcase (string map)))
(defun attach-kprobe (program function &key retprobe) (attach program function :retprobe retprobe))
(defun attach-kprobe-multi (program names &key retprobe)
  (attach program (format nil "~{~a~^,~}" (if (listp names) names (list names)))
          :retprobe retprobe))
(defun attach-uprobe (program path symbol &key retprobe)
  (attach program path symbol :retprobe retprobe))
(defun attach-tracepoint (program name)
  (attach program (string-left-trim "/" (if (search "tracepoint/" name) (subseq name 11) name))))
(defun attach-xdp (program interface &key (mode "xdp"))
  (declare (ignore mode))
  (attach program interface))
(defun attach-tc (program interface &key (direction "ingress"))
  (attach program interface :egress (equal direction "egress")))
(defun attach-cgroup (program path &optional type &key flags)
  (declare (ignore type flags))
  (attach program path))
(defun attach-sk-lookup (program &key (netns-path "/proc/self/ns/net"))
  (attach program netns-path))
(defun attach-lsm (program &optional section) (declare (ignore section)) (attach program))
(defun attach-fentry (program &optional at-return) (declare (ignore at-return)) (attach program))
(defun attach-perf-timer (program nanoseconds)
  (attach program (format nil "interval:us:~d" (floor nanoseconds 1000))))
(defun attach-perf-profile (program hertz) (attach program (format nil "profile:hz:~d" hertz)))
(defun attach-perf-profile-period (program nanoseconds)
  (attach program (format nil "profile:us:~d" (floor nanoseconds 1000))))

;;; Once, without a packet.
(defun prog-test-run (program) (test-run program))

;;; What a failure says: bpf-verifier-error has the kernel's log too.
(defun bpf-error-context (condition) (%condition-slot condition 'context))
(defun bpf-error-errno (condition) (%condition-slot condition 'errno))
(defun bpf-verifier-error-log (condition) (%condition-slot condition 'log))

;;; Ring buffers: a consumer is (MAP . FUNCTION); records come decoded.
(defun open-ring-consumer (map callback) (cons map callback))
(defun open-decoding-ring-consumer (map decoder callback)
  (cons map (lambda (record) (funcall callback (funcall decoder record)))))
(defmacro with-decoding-ring-consumer ((name map decoder callback) &body body)
  `(let ((,name (open-decoding-ring-consumer ,map ,decoder ,callback))) ,@body))
(defun ring-consume (consumer) (ring-poll consumer :timeout-ms 0))
(defun close-ring-consumer (consumer) (declare (ignore consumer)) nil)

;;; What Whistler's scripts ask of their host Lisp.
(defvar *posix-argv* (list "veery"))
(defvar *error-output* *standard-output*)

;;; Whistler's loader hands out bytes; here keys and values come decoded, so its decoders have
;;; nothing left to do.
(defun map-get-next-key (map key) (map-next-key map key))
(defun map-lookup (map key) (map-ref map key))
(defun map-update (map key value &key (flags 0)) (set-map-ref map key value flags))
(defun map-delete (map key) (map-remove map key))
(defun map-lookup-int (map key) (map-ref map key))
(defun map-update-int (map key value &key (flags 0)) (set-map-ref map key value flags))
(defun map-delete-int (map key) (map-remove map key))
(defun map-get-next-key-int (map &optional key) (map-next-key map key))
;; Of a map that was declared by sizes alone, only the caller knows the struct.
(defun %decoded (value struct)
  (and value (funcall (intern (format nil "decode-~a" struct)) value)))
(defun %encoded (record struct)
  (and record (funcall (intern (format nil "encode-~a" struct)) record)))
(defun map-lookup-struct (map key struct) (%decoded (map-ref map key) struct))
(defun map-lookup-struct-int (map key struct) (%decoded (map-ref map key) struct))
(defun map-update-struct (map key record struct &key (flags 0))
  (set-map-ref map key (%encoded record struct) flags)
  record)
(defun map-update-struct-int (map key record struct &key (flags 0))
  (set-map-ref map key (%encoded record struct) flags)
  record)
(defun map-delete-struct (map record struct) (map-remove map (%encoded record struct)))
(defun map-get-next-key-struct (map struct &optional record)
  (%decoded (map-next-key map (%encoded record struct)) struct))
(defun decode-int-value (value) value)
(defun encode-int-key (value size) (declare (ignore size)) value)

;;; ---- whole files, as Whistler compiles them ----

;; Set before the first use of the kernel's types; --allow-read must cover it.
(defvar *vmlinux-btf-path* "/sys/kernel/btf/vmlinux")

(defun btf-enum-values (types)
  "(btf-enum-values (ensure-vmlinux-btf))
A hash table: the values of all enumerators of the kernel by their names, strings."
  (let ((table (make-hash-table :test 'equal)))
    (dolist (pair (%btf-enumerators types) table)
      (setf (gethash (car pair) table) (cdr pair)))))

(defun compile-file* (input output)
  "(compile-file* IN OUT)
Load a file of definitions, by themselves, and write its programs as an object."
  (reset-compilation-state)
  (load input)
  (compile-to-elf output))
