;;; SPDX-License-Identifier: MIT
;;; session.lisp: conveniences of the prompt over the session's functions (core/session).

(defsetf map-ref set-map-ref)

(defmacro every (seconds &body body)
  "(every SECONDS BODY...): evaluate BODY again and again while the session waits (run-for)."
  `(call-every ,seconds (lambda () ,@body)))

;;; Whistler's inline sessions. The reader drops packages, so bpf:map is `map` here; only the
;;; forms directly inside with-bpf-session are taken as declarations.

(defun %session-form-p (form head)
  (and (consp form) (eq (car form) head) (symbolp (second form))))

(defmacro with-bpf-session (options &body forms)
  "(with-bpf-session () (bpf:map NAME ...) (bpf:prog NAME (...) ...) BODY...): define, run BODY,
and take everything down again however BODY is left."
  (declare (ignore options))
  (let ((maps (remove-if-not (lambda (f) (%session-form-p f 'map)) forms))
        (progs (remove-if-not (lambda (f) (%session-form-p f 'prog)) forms))
        (body (remove-if (lambda (f) (or (%session-form-p f 'map) (%session-form-p f 'prog)))
                         forms)))
    `(unwind-protect
         (progn ,@(mapcar (lambda (f) `(defmap ,@(cdr f))) maps)
                ,@(mapcar (lambda (f) `(defprog ,@(cdr f))) progs)
                ,@body)
       (forget-if-defined ,@(mapcar (lambda (f) `',(second f)) (append progs maps))))))

(defun bpf-session-map (name) name)
(defun bpf-session-prog (name) name)
