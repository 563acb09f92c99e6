; Lists, sequences, tables.
(list* 1 2 '(3)) ;=> (1 2 3)
(append '(1) '(2 3) nil '(4)) ;=> (1 2 3 4)
(nconc (list 1) nil (list 2)) ;=> (1 2)
(reverse '(1 2 3)) ;=> (3 2 1)
(nreverse (list 1 2 3)) ;=> (3 2 1)
(list (first '(1 2 3)) (second '(1 2 3)) (third '(1 2 3)) (rest '(1 2 3))) ;=> (1 2 3 (2 3))
(list (caar '((1) 2)) (cadr '(1 2)) (cddr '(1 2 3)) (cdar '((1 . 5))) (caddr '(1 2 3))) ;=> (1 2 (3) 5 3)
(list (last '(1 2 3)) (butlast '(1 2 3)) (nth 1 '(a b)) (nthcdr 2 '(a b c))) ;=> ((3) (1 2) b (c))
(length '(1 2 3)) ;=> 3
(length "abc") ;=> 3
(length #(1 2)) ;=> 2
(assoc 'b '((a 1) (b 2))) ;=> (b 2)
(assoc "b" '(("a" . 1) ("b" . 2)) :test #'string=) ;=> ("b" . 2)
(rassoc 2 '((a . 1) (b . 2))) ;=> (b . 2)
(member 2 '(1 2 3)) ;=> (2 3)
(member 4 '(1 2 3) :key #'1+) ;=> (3)
(member-if #'evenp '(1 2 3)) ;=> (2 3)
(getf '(:a 1 :b 2) :b) ;=> 2
(getf '(:a 1) :c 9) ;=> 9
(list (union '(1 2) '(2 3)) (intersection '(1 2) '(2 3)) (set-difference '(1 2) '(2 3))) ;=> ((1 2 3) (2) (1))
(subsetp '(1) '(1 2)) ;=> t
(adjoin 1 '(1 2)) ;=> (1 2)
(subst 'x 'a '(a (b a))) ;=> (x (b x))
(sublis '((a . 1)) '(a (b a))) ;=> (1 (b 1))
(mapcar #'+ '(1 2) '(10 20)) ;=> (11 22)
(mapcar (lambda (x) (* x x)) '(1 2 3)) ;=> (1 4 9)
(mapcan (lambda (x) (if (evenp x) (list x))) '(1 2 3 4)) ;=> (2 4)
(maplist #'identity '(1 2)) ;=> ((1 2) (2))
(mapc #'identity '(1 2)) ;=> (1 2)
(map 'vector #'1+ '(1 2)) ;=> #(2 3)
(map 'string #'char-upcase "abc") ;=> "ABC"
(map 'list #'cons '(1 2) #(3 4)) ;=> ((1 . 3) (2 . 4))
(reduce #'+ '(1 2 3)) ;=> 6
(reduce #'+ '()) ;=> 0
(reduce #'- '(1 2 3) :initial-value 10) ;=> 4
(reduce #'list '(1 2 3) :from-end t) ;=> (1 (2 3))
(reduce #'max '((1) (5) (2)) :key #'car) ;=> 5
(every #'evenp '(2 4)) ;=> t
(some #'evenp '(1 3)) ;=> nil
(some (lambda (x) (and (> x 1) x)) '(1 2 3)) ;=> 2
(list (notany #'evenp '(1 3)) (notevery #'evenp '(1 2))) ;=> (t t)
(find 2 '(1 2 3)) ;=> 2
(find 'b '((a 1) (b 2)) :key #'car) ;=> (b 2)
(find-if #'evenp #(1 4 3)) ;=> 4
(position #\b "abc") ;=> 1
(position 3 '(1 2 3 3)) ;=> 2
(position 3 '(1 2 3 3) :from-end t) ;=> 3
(count 1 '(1 2 1)) ;=> 2
(count-if #'evenp '(1 2 4)) ;=> 2
(remove 1 '(1 2 1)) ;=> (2)
(remove-if #'evenp #(1 2 3)) ;=> #(1 3)
(remove #\a "banana") ;=> "bnn"
(remove-if-not #'evenp '(1 2 3 4)) ;=> (2 4)
(remove 1 '(1 2 1) :count 1) ;=> (2 1)
(remove-duplicates '(1 2 1 3)) ;=> (2 1 3)
(substitute 'x 1 '(1 2 1)) ;=> (x 2 x)
(subseq "hello" 1 3) ;=> "el"
(subseq '(1 2 3 4) 2) ;=> (3 4)
(subseq #(1 2 3) 0 1) ;=> #(1)
(subseq "abc" 2 9) ;! is no part of a sequence
(concatenate 'string "ab" "cd") ;=> "abcd"
(concatenate 'list '(1) #(2)) ;=> (1 2)
(search "lo" "hello") ;=> 3
(mismatch "abc" "abd") ;=> 2
(sort (list 3 1 2) #'<) ;=> (1 2 3)
(sort (vector 3 1 2) #'>) ;=> #(3 2 1)
(sort (list "b" "a") #'string<) ;=> ("a" "b")
(sort (list '(b 2) '(a 1)) #'< :key #'second) ;=> ((a 1) (b 2))
(stable-sort (list '(1 a) '(0 b) '(1 c) '(0 d)) #'< :key #'car) ;=> ((0 b) (0 d) (1 a) (1 c))
(sort (list 5 3 9 1 7 2 8 6 4 0 15 13 11 12 14 10) (lambda (a b) (< a b))) ;=> (0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
(merge 'list '(1 3) '(2 4) #'<) ;=> (1 2 3 4)
(coerce '(1 2) 'vector) ;=> #(1 2)
(coerce "ab" 'list) ;=> (#\a #\b)
(coerce 1 'float) ;=> 1.0
(fill (list 1 2) 0) ;=> (0 0)
(replace (list 1 2 3) '(8 9)) ;=> (8 9 3)
(copy-list '(1 2 . 3)) ;=> (1 2 . 3)
(copy-tree '(1 (2))) ;=> (1 (2))
(make-list 2 :initial-element 'x) ;=> (x x)
(acons 'a 1 nil) ;=> ((a . 1))
(pairlis '(a b) '(1 2)) ;=> ((a . 1) (b . 2))
(elt '(1 2 3) 1) ;=> 2
(elt '(1 2 3) 5) ;! is no index
(aref #(1 2) 2) ;! is no index of a sequence of 2 elements
(make-array 3 :initial-element 0) ;=> #(0 0 0)
(let ((v (make-array 0 :fill-pointer 0 :adjustable t))) (vector-push-extend 1 v) (vector-push-extend 2 v) (list (length v) (vector-pop v) v)) ;=> (2 2 #(1))
(make-array 2 :initial-contents '(a b)) ;=> #(a b)
(let ((h (make-hash-table :test 'equal)))
  (setf (gethash "a" h) 1 (gethash '(1 2) h) 2)
  (list (gethash "a" h) (gethash (list 1 2) h) (gethash "z" h 'none) (hash-table-count h))) ;=> (1 2 none 2)
(let ((h (make-hash-table)) (s 0))
  (dotimes (i 1000) (setf (gethash i h) (* i i)))
  (dotimes (i 500) (remhash i h))
  (maphash (lambda (k v) (incf s (- v k))) h)
  (list (hash-table-count h) s)) ;=> (500 290917000)
(let ((h (make-hash-table))) (setf (gethash 'a h) 1) (clrhash h) (list (gethash 'a h) (hash-table-count h))) ;=> (nil 0)
(let ((h (make-hash-table :test #'equalp))) (setf (gethash "AbC" h) 1) (gethash "aBc" h)) ;=> 1
(tree-equal '(1 (2)) '(1 (2))) ;=> t
(list (listp nil) (consp nil) (atom nil) (null nil) (endp nil)) ;=> (t nil t t t)
(every #'= '(1 2) '(1 2)) ;=> t
(funcall (complement #'evenp) 3) ;=> t
(list-length '(1 2)) ;=> 2
(defstruct point x (y 2))
(make-point :x 1) ;=> #S(point :x 1 :y 2)
(let ((p (make-point :x 1))) (setf (point-x p) 5) (incf (point-y p)) (list (point-x p) (point-y p) (point-p p) (point-p 5))) ;=> (5 3 t nil)
(point-x 5) ;! 5 is not a `point`
(defstruct (point3 (:include point)) (z 3))
(let ((p (make-point3 :x 1))) (list (point-x p) (point3-z p) (point-p p) (typep p 'point))) ;=> (1 3 t t)
(equalp (make-point :x 1) (make-point :x 1)) ;=> t
(with-slots (x y) (make-point :x 4) (+ x y)) ;=> 6
; property lists
(progn (setf (get 'fruit 'color) 'red (get 'fruit 'size) 3) (list (remprop 'fruit 'color) (get 'fruit 'color 'none) (get 'fruit 'size) (remprop 'fruit 'color))) ;=> (t none 3 nil)
(multiple-value-list (get-properties '(:a 1 :b 2 :c 3) '(:c :b))) ;=> (:b 2 (:b 2 :c 3))
(multiple-value-list (get-properties '(:a 1) '(:z))) ;=> (nil nil nil)
