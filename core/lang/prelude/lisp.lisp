;;; lisp.lisp: the part of the user side that is better written in Lisp. Each definition is
;;; read and compiled when it is first used (see prelude.c).

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
    (if (null var)
        `(with-output-to-string (*standard-output*) ,@body)
        `(let ((,var (make-string-output-stream)))
           ,@body
           (get-output-stream-string ,var)))))

(defmacro with-input-from-string (spec &body body)
  `(let ((,(car spec) (make-string-input-stream ,(cadr spec)))) ,@body))

(defmacro with-open-file (spec &body body)
  `(let ((,(car spec) (open ,@(cdr spec)))) ,@body))

;;; ---- checks and conditions ----

(defmacro assert (test &optional places (control nil control-p) &rest args)
  (declare (ignore places))
  `(unless ,test
     ,(if control-p
          `(error ,control ,@args)
          `(error "the assertion ~s does not hold" ',test))))

(defmacro check-type (place type &optional what)
  `(unless (typep ,place ',type)
     (error 'type-error :format-control
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

(defun muffle-warning (&optional condition)
  (declare (ignore condition))
  (invoke-restart 'muffle-warning))

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
         (maker (let ((o (%struct-option options :constructor)))
                  (if o o (list :constructor (%symbol+ "make-" name)))))
         (predicate (let ((o (%struct-option options :predicate)))
                      (if o (cadr o) (%symbol+ name "-p"))))
         (copier (let ((o (%struct-option options :copier)))
                   (if o (cadr o) (%symbol+ "copy-" name))))
         (specs (%struct-slots include slots)) (i -1))
    `(progn
       (%set-property ',name '%slots ',(mapcar #'car specs))
       (%set-property ',name '%slot-specs ',specs)
       (%set-property ',name '%struct-parent ',include)
       ,@(when (cadr maker)
           (if (cddr maker)
               `((defun ,(cadr maker) ,(caddr maker)
                   (%make-record ',name ,@(let ((vars (%lambda-variables (caddr maker))))
                                            (mapcar (lambda (s)
                                                      (if (member (car s) vars)
                                                          (car s)
                                                          (cadr s)))
                                                    specs)))))
               `((defun ,(cadr maker) (&key ,@(mapcar (lambda (s) (list (car s) (cadr s)))
                                                     specs))
                   (%make-record ',name ,@(mapcar #'car specs))))))
       ,@(when predicate `((defun ,predicate (x) (%record-p x ',name))))
       ,@(when copier `((defun ,copier (x) (copy-structure x))))
       ,@(mapcan (lambda (s)
                   (let ((reader (%symbol+ conc (car s))))
                     (incf i)
                     `((defun ,reader (x) (%record-ref x ',name ,i))
                       (defun (setf ,reader) (v x) (%record-set v x ',name ,i)))))
                 specs)
       ',name)))

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

;;; ---- loop ----

(defmacro loop (&rest forms)
  (if (or (null forms) (consp (car forms)))
      (let ((top (gensym "top")))
        `(block nil (tagbody ,top ,@forms (go ,top))))
      (%loop-expand forms)))

(defmacro loop-finish () `(go %loop-end))

;; Assign the parts of a value to the variables of a pattern.
(defun %loop-assign (pattern form)
  (cond ((null pattern) nil)
        ((symbolp pattern) `((setq ,pattern ,form)))
        (t (let ((g (gensym "d")))
             `((let ((,g ,form))
                 ,@(%loop-assign (car pattern) `(car ,g))
                 ,@(%loop-assign (cdr pattern) `(cdr ,g))))))))

(defun %loop-variables (pattern)
  (cond ((null pattern) nil)
        ((symbolp pattern) (list pattern))
        (t (append (%loop-variables (car pattern)) (%loop-variables (cdr pattern))))))

(defun %loop-word (x) (if (symbolp x) (symbol-name x) ""))

(defun %loop-expand (forms)
  (let ((bindings nil) (pre nil) (body nil) (post nil) (initially nil) (finally nil)
        (name nil) (result nil) (collectors nil) (default nil))
    (labels
        ((word () (%loop-word (car forms)))
         (word-p (&rest words) (and forms (member (word) words :test #'string=)))
         (take () (if forms (pop forms)
                      (error "loop: the form ends where a clause goes on")))
         (accept (&rest words) (when (apply #'word-p words) (take) t))
         (bind (var init) (push (list var init) bindings))
         (bind-pattern (pattern)
           (dolist (v (%loop-variables pattern)) (bind v nil)))
         (temp (init) (let ((g (gensym "l"))) (bind g init) g))
         (before (&rest fs) (dolist (f fs) (push f pre)))
         (after (&rest fs) (dolist (f fs) (push f post)))
         (forms-until-word ()
           (let ((out nil))
             (loop (if (and forms (consp (car forms))) (push (pop forms) out) (return)))
             (nreverse out)))
         ;; for var ...
         (for-clause ()
           (let ((var (take)))
             (when (accept "of-type") (take))
             (cond ((accept "in") (for-list var t))
                   ((accept "on") (for-list var nil))
                   ((accept "=") (for-equals var))
                   ((accept "across") (for-across var))
                   ((accept "being") (for-being var))
                   (t (for-number var)))))
         (for-list (var elements)
           (let* ((list (temp (take))) (step (if (accept "by") (take) nil)))
             (bind-pattern var)
             (before `(when (atom ,list) (go %loop-end)))
             (dolist (f (%loop-assign var (if elements `(car ,list) list))) (before f))
             (before `(setq ,list ,(if step `(funcall ,step ,list) `(cdr ,list))))))
         (for-equals (var)
           (let ((first (take)))
             (bind-pattern var)
             (if (accept "then")
                 (let ((flag (temp t)) (then (take)))
                   (before `(if ,flag
                                (progn ,@(%loop-assign var first) (setq ,flag nil))
                                (progn ,@(%loop-assign var then)))))
                 (dolist (f (%loop-assign var first)) (before f)))))
         (for-across (var)
           (let* ((vec (temp (take))) (i (temp 0)) (n (temp `(length ,vec))))
             (bind-pattern var)
             (before `(unless (< ,i ,n) (go %loop-end)))
             (dolist (f (%loop-assign var `(aref ,vec ,i))) (before f))
             (before `(setq ,i (1+ ,i)))))
         (for-being (var)
           (accept "the" "each")
           (let ((what (%loop-word (take))) other pairs pair)
             (accept "of" "in")
             (setq pairs (temp `(hash-table-pairs ,(take))))
             (setq pair (temp nil))
             (when (accept "using") (setq other (cadr (take))))
             (bind-pattern var)
             (when other (bind-pattern other))
             (before `(when (null ,pairs) (go %loop-end)))
             (before `(setq ,pair (car ,pairs)))
             (before `(setq ,pairs (cdr ,pairs)))
             (let ((keys (member what '("hash-key" "hash-keys") :test #'string=)))
               (dolist (f (%loop-assign var (if keys `(car ,pair) `(cdr ,pair)))) (before f))
               (when other
                 (dolist (f (%loop-assign other (if keys `(cdr ,pair) `(car ,pair))))
                   (before f))))))
         (for-number (var)
           (let ((from 0) (to nil) (test nil) (by 1) (down nil))
             (loop
               (cond ((accept "from" "upfrom") (setq from (take)))
                     ((accept "downfrom") (setq from (take) down t))
                     ((accept "to" "upto") (setq to (take) test (if down '< '>)))
                     ((accept "downto") (setq to (take) test '< down t))
                     ((accept "below") (setq to (take) test '>=))
                     ((accept "above") (setq to (take) test '<= down t))
                     ((accept "by") (setq by (take)))
                     (t (return))))
             (bind var from)
             (let ((limit (cond ((null to) nil) ((integerp to) to) (t (temp to))))
                   (step (if (integerp by) by (temp by))))
               (when test
                 (before `(when (,test ,var ,limit) (go %loop-end))))
               (after `(setq ,var (,(if down '- '+) ,var ,step))))))
         (with-clause ()
           (loop
             (let ((var (take)))
               (when (accept "of-type") (take))
               (cond ((not (accept "=")) (bind-pattern var))
                     ((symbolp var) (bind var (take)))
                     (t (let ((g (temp (take))))
                          (bind-pattern var)
                          (dolist (f (%loop-assign var g)) (push f initially))))))
             (unless (accept "and") (return))))
         ;; the variables behind `collect [into v]` and its like
         (collector (kind init)
           (let* ((into (and (accept "into") (take)))
                  (known (assoc (or into kind) collectors)))
             (when (and (null into) (not (member kind '(collect))) (assoc 'collect collectors)
                        (eq kind 'append))
               (setq known (assoc 'collect collectors)))
             (unless known
               (setq known (list (or into kind) (or into (gensym "acc")) (gensym "tail")))
               (push known collectors)
               (bind (cadr known) init)
               (when (member kind '(collect append)) (bind (caddr known) nil))
               (unless into (setq default (cadr known))))
             (cdr known)))
         (add-cell (acc cell)
           `(let ((%cell ,cell))
              (when %cell
                (if ,(cadr acc) (rplacd ,(cadr acc) %cell) (setq ,(car acc) %cell))
                (setq ,(cadr acc) (last %cell)))))
         (clause ()
           (cond
             ((accept "do" "doing") `(progn ,@(forms-until-word)))
             ((accept "collect" "collecting")
              (let* ((x (take)) (acc (collector 'collect nil)))
                `(let ((%cell (list ,x)))
                   (if ,(cadr acc) (rplacd ,(cadr acc) %cell) (setq ,(car acc) %cell))
                   (setq ,(cadr acc) %cell))))
             ((accept "append" "appending")
              (let* ((x (take)) (acc (collector 'collect nil))) (add-cell acc `(copy-list ,x))))
             ((accept "nconc" "nconcing")
              (let* ((x (take)) (acc (collector 'collect nil))) (add-cell acc x)))
             ((accept "sum" "summing")
              (let* ((x (take)) (acc (collector 'sum 0))) `(incf ,(car acc) ,x)))
             ((accept "count" "counting")
              (let* ((x (take)) (acc (collector 'count 0))) `(when ,x (incf ,(car acc)))))
             ((word-p "maximize" "maximizing" "minimize" "minimizing")
              (let* ((f (if (char= (char (%loop-word (take)) 1) #\a) 'max 'min))
                     (x (take)) (acc (collector f nil)))
                `(let ((%x ,x))
                   (setq ,(car acc) (if ,(car acc) (,f ,(car acc) %x) %x)))))
             ((accept "return") `(return-from ,name ,(take)))
             ((word-p "when" "if" "unless") (conditional))
             ((accept "while") `(unless ,(take) (go %loop-end)))
             ((accept "until") `(when ,(take) (go %loop-end)))
             ((accept "always")
              (setq result t) `(unless ,(take) (return-from ,name nil)))
             ((accept "never") (setq result t) `(when ,(take) (return-from ,name nil)))
             ((accept "thereis")
              `(let ((%x ,(take))) (when %x (return-from ,name %x))))
             (t (error "loop: no clause starts with ~s" (car forms)))))
         (clauses ()
           (let ((out (list (clause))))
             (loop (if (accept "and") (push (clause) out) (return)))
             (nreverse out)))
         (conditional ()
           (let* ((negated (string= (%loop-word (take)) "unless"))
                  (test (take)) (then (clauses))
                  (else (and (accept "else") (clauses))))
             (accept "end")
             `(if ,(if negated `(not ,test) test) (progn ,@then) (progn ,@else)))))
      (loop
        (unless forms (return))
        (cond ((accept "named") (setq name (take)))
              ((accept "for" "as")
               ;; once a body clause has been seen, stepping stands where it is written
               (when body
                 (setq pre (append (mapcar #'identity body) pre) body nil))
               (for-clause)
               (loop (if (accept "and") (for-clause) (return))))
              ((accept "with") (with-clause))
              ((accept "repeat")
               (let ((n (temp (take))))
                 (before `(unless (> ,n 0) (go %loop-end)))
                 (before `(setq ,n (1- ,n)))))
              ((accept "initially")
               (dolist (f (forms-until-word)) (push f initially)))
              ((accept "finally")
               (if (accept "return")
                   (push `(return-from ,name ,(take)) finally)
                   (progn (accept "do")
                          (dolist (f (forms-until-word)) (push f finally)))))
              (t (push (clause) body))))
      `(block ,name
         (let* ,(reverse bindings)
           (tagbody
             ,@(reverse initially)
             %loop-top
             ,@(reverse pre)
             ,@(reverse body)
             ,@(reverse post)
             (go %loop-top)
             %loop-end
             ,@(reverse finally))
           ,(if result result default))))))
