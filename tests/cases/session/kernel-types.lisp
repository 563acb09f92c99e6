;;; structs of the kernel: size, fields, names of types
;;| (16 ("next" u64 0 8 nil) ("prev" u64 8 8 nil))
;;| ("list_head" "list_head")
;;| ("comm" nil 16)
;;| (u8 16 1)
(defvar *v* (ensure-vmlinux-btf))
(defvar *list* (btf-find-struct *v* "list_head"))
(defun field (struct name)
  (find name (btf-struct-fields *v* (btf-find-struct *v* struct)) :key #'car :test #'string=))
(print (cons (btf-struct-size *v* *list*)
             (mapcar (lambda (f) (subseq f 0 5)) (btf-struct-fields *v* *list*))))
(print (list (btf-type-name *v* *list*)
             (btf-type-name *v* (btf-ptr-target-type-id *v* (sixth (field "list_head" "next"))))))
(let ((comm (field "task_struct" "comm")))
  (print (list (first comm) (second comm) (fourth comm)))
  (print (multiple-value-list (btf-resolve-array *v* (sixth comm)))))

;;; members of anonymous structs and unions in their place
;;| (t t)
(let* ((v (ensure-vmlinux-btf))
       (fields (btf-struct-fields v (btf-find-struct v "iphdr")))
       (names (mapcar #'car fields)))
  (print (list (subsetp '("saddr" "daddr" "protocol") names :test #'string=)
               (notany (lambda (n) (string= n "")) names))))

;;; functions, variables and enumerators
;;| ((("code" . 0)) t 1)
;;| 1
;;| (nil nil nil nil)
(let ((v (ensure-vmlinux-btf)))
  (multiple-value-bind (id args) (btf-find-func v "do_exit")
    (print (list (btf-func-params v "do_exit") (integerp id) args)))
  (print (gethash "BPF_MAP_TYPE_HASH" (btf-enum-values v)))
  (print (list (btf-find-struct v "no such") (btf-find-func v "no such")
               (btf-find-var v "no such") (btf-func-params v "no such"))))

;;; a macro may ask, and what was imported is found again afterwards
;;| 16
(defmacro size-of (name)
  (let ((v (ensure-vmlinux-btf))) (btf-struct-size v (btf-find-struct v name))))
(import-kernel-struct task_struct pid)
(reset-vmlinux-btf-cache)
(defprog p (:type :tracepoint :section "raw_tp/sys_enter")
  (let ((me (as-task-struct (get-current-task)))) (+ (size-of "list_head") (- (task-struct-pid me) (task-struct-pid me)))))
(print (size-of "list_head"))

;;; what is no name
;; error L0001 argument 2 must be a name as C writes it
(btf-find-struct (ensure-vmlinux-btf) 7)
