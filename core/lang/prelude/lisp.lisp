;;; lisp.lisp: the part of the user side that is better written in Lisp. Each definition is
;;; read and compiled when it is first used (see prelude.c).

;;; ---- symbols ----

(defun get-properties (plist keys)
  (do ((tail plist (cddr tail)))
      ((null tail) (values nil nil nil))
    (when (member (car tail) keys)
      (return (values (car tail) (cadr tail) tail)))))

(defun remprop (symbol key)
  (let ((found (get-properties (symbol-plist symbol) (list key))))
    (remf (symbol-plist symbol) key)
    (and found t)))

;;; ---- what is not here ----

(defmacro defclass (name &rest rest)
  (declare (ignore rest))
  (error "there are no classes here: (defstruct ~a SLOT...) makes a type, :include extends one"
         name))
(defmacro defgeneric (name &rest rest)
  (declare (ignore rest))
  (error "there are no generic functions here: ~a can be a function with typecase inside" name))
(defmacro defmethod (name &rest rest)
  (declare (ignore rest))
  (error "there are no methods here: ~a can be a function with typecase inside" name))

;;; ---- places ----

(defmacro defsetf (name update-or-params &optional store &body body)
  (if (symbolp update-or-params)
      `(%define-setter ',name ',update-or-params)
      (let ((place (gensym "place")) (env (gensym "env")) (args (gensym "args"))
            (new (gensym "new")))
        `(%define-expander ',name
           (lambda (,place ,env)
             (let* ((,args (mapcar (lambda (x) (declare (ignore x)) (gensym "a"))
                                   (cdr ,place)))
                    (,new (gensym "new")))
               (list ,args (cdr ,place) (list ,new)
                     (destructuring-bind ,update-or-params ,args
                       (let ((,(car store) ,new)) ,@body))
                     (cons ',name ,args))))))))

(defmacro define-setf-expander (name params &body body)
  (let ((place (gensym "place")) (env (gensym "env")) (args (gensym "args")))
    ;; &environment is bound to the environment the place stands in
    (let ((tail (member '&environment params)))
      `(%define-expander ',name
         (lambda (,place ,(if tail (cadr tail) env))
           (let ((,args (cdr ,place)))
             (multiple-value-list
               (destructuring-bind ,(if tail
                                        (append (ldiff params tail) (cddr tail))
                                        params)
                   ,args
                 ,@body))))))))

(defmacro define-symbol-macro (name form)
  `(%define-symbol-macro ',name ',form))

(defmacro psetf (&rest pairs)
  (let ((bindings nil) (sets nil))
    (loop while pairs do
      (let ((g (gensym "v")))
        (push (list g (cadr pairs)) bindings)
        (push `(setf ,(car pairs) ,g) sets)
        (setq pairs (cddr pairs))))
    `(let ,(reverse bindings) ,@(reverse sets) nil)))

(defmacro rotatef (&rest places)
  (if (null (cdr places))
      nil
      `(psetf ,@(mapcan #'list places (append (cdr places) (list (car places)))))))

(defmacro shiftf (&rest places)
  (let ((g (gensym "old")))
    `(let ((,g ,(car places)))
       (psetf ,@(mapcan #'list (butlast places) (cdr places)))
       ,g)))

(defmacro pushnew (item place &rest keys)
  `(setf ,place (adjoin ,item ,place ,@keys)))

(defmacro remf (place key)
  (let ((k (gensym "k")))
    `(let ((,k ,key))
       (if (%key-tail ,place ,k)
           (progn (setf ,place (%plist-without ,place ,k)) t)
           nil))))

(defun %plist-without (plist key)
  (cond ((null plist) nil)
        ((eq (car plist) key) (cddr plist))
        (t (list* (car plist) (cadr plist) (%plist-without (cddr plist) key)))))

(defun ldiff (list tail)
  (let ((out nil))
    (loop
      (when (or (eq list tail) (atom list)) (return (nreverse out)))
      (push (car list) out)
      (setq list (cdr list)))))

;;; ---- streams ----

(defmacro with-output-to-string (spec &body body)
  (let ((var (car spec)))
    (cond
      ((null var) `(with-output-to-string (*standard-output*) ,@body))
      ;; a string is a stream that writes to its end
      ((and (cdr spec) (cadr spec)) `(let ((,var ,(cadr spec))) ,@body))
      (t `(let ((,var (make-string-output-stream)))
            ,@body
            (get-output-stream-string ,var))))))

(defmacro with-input-from-string (spec &body body)
  `(let ((,(car spec) (make-string-input-stream ,(cadr spec)))) ,@body))

(defmacro with-open-file (spec &body body)
  (let ((stream (car spec)))
    `(let ((,stream (open ,@(cdr spec))))
       (unwind-protect (progn ,@body)
         (when ,stream (close ,stream))))))

;;; ---- checks and conditions ----

(defmacro assert (test &optional places (control nil control-p) &rest args)
  (declare (ignore places))
  `(unless ,test
     ,(if control-p
          `(error ,control ,@args)
          `(error "the assertion ~s does not hold" ',test))))

(defmacro check-type (place type &optional what)
  `(unless (typep ,place ',type)
     (error 'type-error :datum ,place :expected-type ',type
            :format-control
            (format nil "~s is ~s, not ~a" ',place ,place ,(or what `',type)))))

(defmacro define-condition (name parents slots &rest options)
  (let ((report (cadr (assoc :report options)))
        (parent (or (car parents) 'condition)) (readers nil) (fields nil))
    (dolist (s slots)
      (let* ((slot (if (consp s) s (list s))) (rest (cdr slot)))
        (push `(list ',(car slot) ,(getf rest :initform nil)) fields)
        (loop while rest do
          (when (member (car rest) '(:reader :accessor))
            (push `(defun ,(cadr rest) (c) (%condition-slot c ',(car slot))) readers))
          (setq rest (cddr rest)))))
    `(progn
       (%define-condition ',name ',parent (list ,@(nreverse fields))
                          ,(if (symbolp report) (and report `#',report)
                               (if (stringp report) report `#',report)))
       ,@(nreverse readers)
       ',name)))

(defmacro restart-case (form &rest clauses)
  (let ((tag (gensym "restart")) (r (gensym "r")))
    `(block ,tag
       (let* ((,tag (list nil))
              (,r (catch ,tag
                    (return-from ,tag
                      (let ((*restarts*
                              (append (list ,@(mapcar (lambda (c) `(list ',(car c) ,tag))
                                                      clauses))
                                      *restarts*)))
                        ,form)))))
         (case (car ,r)
           ,@(mapcar (lambda (c)
                       `(,(car c) (apply (lambda ,(cadr c) ,@(cddr c)) (cdr ,r))))
                     clauses))))))

(defvar *restarts* nil)

(defun invoke-restart (name &rest args)
  (let ((r (assoc name *restarts*)))
    (if r
        (throw (cadr r) (cons name args))
        (error "no restart is named ~a here" name))))

(defun find-restart (name &optional condition)
  (declare (ignore condition))
  (car (assoc name *restarts*)))

(defun compute-restarts (&optional condition)
  (declare (ignore condition))
  (mapcar #'car *restarts*))

(defmacro with-simple-restart (spec &body body)
  `(restart-case (progn ,@body)
     (,(car spec) () (values nil t))))

(defun muffle-warning (&optional condition)
  (declare (ignore condition))
  (invoke-restart 'muffle-warning))

(defun continue (&optional condition)
  (declare (ignore condition))
  (when (find-restart 'continue) (invoke-restart 'continue)))

(defun use-value (value &optional condition)
  (declare (ignore condition))
  (when (find-restart 'use-value) (invoke-restart 'use-value value)))

(defun store-value (value &optional condition)
  (declare (ignore condition))
  (when (find-restart 'store-value) (invoke-restart 'store-value value)))

(defun abort (&optional condition)
  (declare (ignore condition))
  (invoke-restart 'abort))

(defun cerror (how-to-go-on &rest designator)
  (declare (ignore how-to-go-on))
  (with-simple-restart (continue "go on")
    (apply #'error designator)))

(defun warn (&rest designator)
  (restart-case (apply #'%warn designator)
    (muffle-warning () nil)))

(defun type-error-expected-type (condition) (%condition-slot condition 'expected-type))

;;; ---- types and structures ----

(defmacro deftype (name params &body body)
  (declare (ignore params))
  `(progn (%set-property ',name '%type (progn ,@body)) ',name))

(defmacro defstruct (name-and-options &rest slots)
  `(defrecord ,name-and-options ,@slots))

(defun %struct-option (options key)
  (dolist (o options nil)
    (cond ((eq o key) (return (list key)))
          ((and (consp o) (eq (car o) key)) (return o)))))

(defun %struct-slots (parent slots)
  (append (and parent (get parent '%slot-specs))
          (mapcar (lambda (s) (if (consp s) (list (car s) (cadr s)) (list s nil)))
                  (if (stringp (car slots)) (cdr slots) slots))))

(defun %symbol+ (&rest parts)
  (intern (format nil "~{~a~}" parts)))

(defmacro defrecord (name-and-options &rest slots)
  (let* ((name (if (consp name-and-options) (car name-and-options) name-and-options))
         (options (if (consp name-and-options) (cdr name-and-options) nil))
         (include (cadr (%struct-option options :include)))
         (conc (let ((o (%struct-option options :conc-name)))
                 (if o (or (cadr o) "") (format nil "~a-" name))))
         (maker (or (%struct-option options :constructor)
                    (list :constructor (%symbol+ "make-" name))))
         (kind (cadr (%struct-option options :type)))	; list, vector or a type of its own
         (skip (if (and kind (%struct-option options :named)) 1 0))
         (predicate (let ((o (%struct-option options :predicate)))
                      (cond (o (cadr o))
                            ((or (null kind) (= skip 1)) (%symbol+ name "-p")))))
         (copier (let ((o (%struct-option options :copier)))
                   (if o (cadr o) (%symbol+ "copy-" name))))
         (printer (or (%struct-option options :print-function)
                      (%struct-option options :print-object)))
         (specs (%struct-slots include slots)) (i (- skip 1)))
    (labels
        ((make (values)
           (if kind
               `(,(if (eq kind 'list) 'list 'vector) ,@(if (= skip 1) `(',name)) ,@values)
               `(%make-record ',name ,@values)))
         (accessors (slot)
           (let ((reader (%symbol+ conc (car slot))))
             (incf i)
             (if kind
                 `((defun ,reader (x) (elt x ,i))
                   (defun (setf ,reader) (v x) (setf (elt x ,i) v)))
                 `((defun ,reader (x) (%record-ref x ',name ,i))
                   (defun (setf ,reader) (v x) (%record-set v x ',name ,i)))))))
      `(progn
         (%set-property ',name '%slots ',(mapcar #'car specs))
         (%set-property ',name '%slot-specs ',specs)
         (%set-property ',name '%struct-parent ',include)
         ,@(when (or printer include)
             `((%set-property ',name '%print-function
                              ,(if printer
                                   `(lambda (x stream depth)
                                      (declare (ignorable depth))
                                      (funcall #',(cadr printer) x stream
                                               ,@(if (eq (car printer) :print-function)
                                                     '(depth))))
                                   `(get ',include '%print-function)))))
         ,@(when (cadr maker)
             (if (cddr maker)
                 `((defun ,(cadr maker) ,(caddr maker)
                     ,(make (let ((vars (%lambda-variables (caddr maker))))
                              (mapcar (lambda (s) (if (member (car s) vars) (car s) (cadr s)))
                                      specs)))))
                 `((defun ,(cadr maker) (&key ,@(mapcar (lambda (s) (list (car s) (cadr s)))
                                                       specs))
                     ,(make (mapcar #'car specs))))))
         ,@(when predicate
             `((defun ,predicate (x)
                 ,(cond ((null kind) `(%record-p x ',name))
                        ((eq kind 'list) `(and (consp x) (eq (car x) ',name)))
                        (t `(and (vectorp x) (plusp (length x)) (eq (aref x 0) ',name)))))))
         ,@(when copier
             `((defun ,copier (x) (,(if kind 'copy-seq 'copy-structure) x))))
         ,@(mapcan #'accessors specs)
         ',name))))

(defun %lambda-variables (params)
  (mapcan (lambda (p)
            (cond ((member p '(&optional &rest &key &aux &body)) nil)
                  ((consp p) (list (if (consp (car p)) (cadar p) (car p))))
                  (t (list p))))
          params))

(defmacro with-slots (slots object &body body)
  (let ((o (gensym "object")))
    `(let ((,o ,object))
       (symbol-macrolet ,(mapcar (lambda (s)
                                   (let ((var (if (consp s) (car s) s))
                                         (slot (if (consp s) (cadr s) s)))
                                     `(,var (slot-value ,o ',slot))))
                                 slots)
         ,@body))))

(defun slot-value (object slot)
  (let ((i (position slot (get (type-of object) '%slots))))
    (if i
        (%record-ref object (type-of object) i)
        (error "~a has no slot ~a" (type-of object) slot))))

(defun (setf slot-value) (v object slot)
  (let ((i (position slot (get (type-of object) '%slots))))
    (if i
        (%record-set v object (type-of object) i)
        (error "~a has no slot ~a" (type-of object) slot))))

;;; ---- functions ----

(defun (setf subseq) (new sequence start &optional end)
  (replace sequence new :start1 start :end1 end)
  new)
(defun compile (name &optional definition)
  (if definition (eval (list 'function definition)) name))
(defun special-operator-p (name)
  (and (member name '(block catch eval-when flet function go if labels let let* locally
                      macrolet multiple-value-call multiple-value-prog1 progn quote return-from
                      setq symbol-macrolet tagbody the throw unwind-protect))
       t))
(defun complement (f) (lambda (&rest args) (not (apply f args))))
(defun constantly (x) (lambda (&rest args) (declare (ignore args)) x))
(defun nsubst (new old tree &rest keys) (apply #'subst new old tree keys))
(defun sublis (alist tree &rest keys)
  (let ((pair (apply #'assoc tree alist keys)))
    (cond (pair (cdr pair))
          ((consp tree) (cons (apply #'sublis alist (car tree) keys)
                              (apply #'sublis alist (cdr tree) keys)))
          (t tree))))
(defun nconc-reverse (a b) (nconc (nreverse a) b))
(defun revappend (a b) (dolist (x a b) (push x b)))
(defun nreconc (a b) (revappend a b))
(defun tailp (tail list)
  (loop (cond ((eql tail list) (return t)) ((atom list) (return nil)))
        (setq list (cdr list))))
(defun subst-if (new test tree)
  (cond ((funcall test tree) new)
        ((consp tree) (cons (subst-if new test (car tree)) (subst-if new test (cdr tree))))
        (t tree)))
(defun string-join (strings &optional (separator ""))
  (with-output-to-string (s)
    (let ((first t))
      (dolist (x strings)
        (if first (setq first nil) (write-string separator s))
        (princ x s)))))
(defun split-string (string &optional (separator #\Space))
  (let ((start 0) (out nil) (n (length string)))
    (dotimes (i n)
      (when (eql (char string i) separator)
        (push (subseq string start i) out)
        (setq start (1+ i))))
    (push (subseq string start n) out)
    (nreverse out)))

;;; ---- bits ----

(defun byte (size position) (cons size position))
(defun ldb (bytespec n)
  (logand (ash n (- (cdr bytespec))) (1- (ash 1 (car bytespec)))))
(defun dpb (v bytespec n)
  (let ((mask (ash (1- (ash 1 (car bytespec))) (cdr bytespec))))
    (logior (logand n (lognot mask)) (logand (ash v (cdr bytespec)) mask))))
(define-setf-expander ldb (bytespec place)
  (let ((new (gensym "new")) (b (gensym "byte")))
    (values (list b) (list bytespec) (list new)
            `(progn (setf ,place (dpb ,new ,b ,place)) ,new)
            `(ldb ,b ,place))))

;;; ---- the rest ----

(defmacro time (form)
  (let ((start (gensym "start")))
    `(let ((,start (get-internal-real-time)))
       (multiple-value-prog1 ,form
         (format t "~&~,3f ms~%" (/ (- (get-internal-real-time) ,start) 1000.0))))))

(defmacro progv (symbols values &body body)
  (let ((old (gensym "old")) (syms (gensym "syms")))
    `(let* ((,syms ,symbols)
            (,old (mapcar (lambda (s) (if (boundp s) (list (symbol-value s)) nil)) ,syms)))
       (unwind-protect
            (progn (mapc #'set ,syms ,values) ,@body)
         (mapc (lambda (s o) (if o (set s (car o)) (makunbound s))) ,syms ,old)))))

(defmacro do-list-pairs (spec &body body)
  (let ((tail (gensym "tail")))
    `(loop for ,tail on ,(caddr spec) by #'cddr do
       (let ((,(car spec) (car ,tail)) (,(cadr spec) (cadr ,tail))) ,@body))))

(defmacro loop-finish () `(go %loop-end))
