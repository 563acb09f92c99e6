; Depth and size: too much for collecting at every safe point.
(defun deep (n) (+ 1 (deep n)))
(handler-case (deep 1) (storage-condition () 'deep)) ;=> deep
(defun deep2 (n) (mapcar #'deep2 (list n)))
(handler-case (deep2 1) (storage-condition () 'deep)) ;=> deep
(+ 1 1) ;=> 2
(defun count-down (n) (if (= n 0) 'done (count-down (- n 1))))
(count-down 1000000) ;=> done
(let ((l nil)) (dotimes (i 300000) (setq l (list l))) (equal l l)) ;=> t
(let ((l nil)) (dotimes (i 300000) (push i l)) (length (sort l #'<))) ;=> 300000
(let ((s 0)) (dotimes (i 3000000) (setq s (length (list i i)))) s) ;=> 2
(defmacro endless () (loop))
(endless) ;! expansion of this macro
(defmacro eats () (let ((l nil)) (loop (push 1 l))))
(eats) ;! expansion of this macro
(let ((l nil)) (loop (push (make-array 100000) l))) ;! the heap is full
(make-array 2000000000) ;! does not fit
(let ((s "xxxxxxxxxxxxxxxx")) (loop (setq s (concatenate (quote string) s s)))) ;! the 
(+ 1 1) ;=> 2
