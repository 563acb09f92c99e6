;;; SPDX-License-Identifier: MIT
;;; session.lisp: conveniences of the prompt over the session's functions (core/session).

(defsetf map-ref set-map-ref)

(defmacro every (seconds &body body)
  "(every SECONDS BODY...): evaluate BODY again and again while the session waits (run-for)."
  `(call-every ,seconds (lambda () ,@body)))

;;; Whistler's inline sessions. The reader drops every package but `bpf`, so that bpf:map is
;;; no other map. Only the forms directly inside with-bpf-session are declarations.

(defun %session-forms (head forms)
  (remove-if-not (lambda (f) (and (consp f) (eq (car f) head) (symbolp (second f)))) forms))

(defmacro with-bpf-session (options &body forms)
  "(with-bpf-session () (bpf:map NAME ...) (bpf:prog NAME (...) ...) BODY...): define, run BODY,
and take everything down again however BODY is left."
  (declare (ignore options))
  (let* ((maps (%session-forms 'bpf:map forms))
         (progs (%session-forms 'bpf:prog forms))
         (body (remove-if (lambda (f) (or (member f maps) (member f progs))) forms)))
    `(unwind-protect
         (progn ,@(mapcar (lambda (f) `(defmap ,@(cdr f))) maps)
                ,@(mapcar (lambda (f) `(defprog ,@(cdr f))) progs)
                ,@body)
       (forget-if-defined ,@(mapcar (lambda (f) `',(second f)) (append progs maps))))))

(defmacro bpf:attach (program &rest arguments) `(attach ,program ,@arguments))
(defmacro bpf:detach (program) `(detach ,program))
(defmacro bpf:map-ref (map key) `(map-ref ,map ,key))
(defsetf bpf:map-ref set-map-ref)
(defun bpf-session-map (name) name)
(defun bpf-session-prog (name) name)

;;; What Whistler's scripts ask of their host Lisp.
(defvar *posix-argv* (list "veery"))
(defvar *error-output* *standard-output*)

;;; Whistler's loader hands out bytes; here keys and values come decoded, so its decoders have
;;; nothing left to do.
(defun map-get-next-key (map key) (map-next-key map key))
(defun map-lookup (map key) (map-ref map key))
(defun map-update (map key value) (set-map-ref map key value))
(defun map-delete (map key) (map-remove map key))
(defun map-lookup-int (map key) (map-ref map key))
(defun map-update-int (map key value) (set-map-ref map key value))
(defun map-delete-int (map key) (map-remove map key))
(defun decode-int-value (value) value)
(defun encode-int-key (value size) (declare (ignore size)) value)
