;;; Arrays of several dimensions, vectors that grow. Values are those of another Common Lisp.
(make-array '(2 3) :initial-element 0) ;=> #2A((0 0 0) (0 0 0))
(aref (make-array '(2 2) :initial-contents '((1 2) (3 4))) 1 0) ;=> 3
(array-dimensions (make-array '(2 3))) ;=> (2 3)
(array-dimensions #(1 2)) ;=> (2)
(array-rank "a") ;=> 1
(let ((a (make-array '(2 2) :initial-element 0))) (setf (aref a 0 1) 5) (incf (aref a 1 1)) (push 'x (aref a 0 0)) a) ;=> #2A(((x . 0) 5) (0 1))
(let ((v (make-array 2 :adjustable t :initial-element 1))) (setf v (adjust-array v 4 :initial-element 0)) v) ;=> #(1 1 0 0)
(row-major-aref (make-array '(2 2) :initial-contents '((1 2) (3 4))) 3) ;=> 4
(adjust-array (make-array '(2 2) :initial-contents '((1 2) (3 4)) :adjustable t) '(3 3) :initial-element 0) ;=> #2A((1 2 0) (3 4 0) (0 0 0))
(make-array nil :initial-element 5) ;=> #0A5
(equalp (make-array '(1 1) :initial-element 1) (make-array '(1 1) :initial-element 1.0)) ;=> t
(arrayp (make-array '(2 2))) ;=> t
(vectorp (make-array '(2 2))) ;=> nil
(typep (make-array '(2 2)) 'array) ;=> t
(make-array 3 :element-type 'character :initial-element #\z) ;=> "zzz"
(make-array 3 :initial-contents '(1 2 3)) ;=> #(1 2 3)
(make-array '(0 2)) ;=> #2A()
(make-array '(2 1 2) :initial-element 'a) ;=> #3A(((a a)) ((a a)))
(array-row-major-index (make-array '(2 3)) 1 2) ;=> 5
(make-sequence 'list 2 :initial-element 0) ;=> (0 0)
(array-in-bounds-p (make-array '(2 2)) 1 1) ;=> t
(array-in-bounds-p (make-array '(2 2)) 1 2) ;=> nil
(let ((a (make-array '(3 3)))) (dotimes (i 3) (dotimes (j 3) (setf (aref a i j) (* i j)))) (loop for i below 3 sum (aref a i i))) ;=> 5
(aref (make-array '(2 2)) 2 0) ;! is no index of a dimension of 2
(aref (make-array '(2 2)) 0) ;! is not a vector or string
(setf (aref #(1 2) 0 0) 1) ;! an array of so many dimensions
(make-array '(2 2) :initial-contents '((1 2) (3))) ;! does not hold as many elements
(make-array '(100000 100000)) ;! does not fit
(make-array 2 :displaced-to (vector 1 2)) ;! no displaced arrays
(make-array '(1 1 1 1 1 1 1 1 1)) ;! at most 8 dimensions
