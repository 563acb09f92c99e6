; Strings, characters, format, streams.
(string-upcase "abc") ;=> "ABC"
(string-capitalize "hello world") ;=> "Hello World"
(string-trim " " "  x y ") ;=> "x y"
(string= "a" "a") ;=> t
(string< "a" "b") ;=> 0
(string-equal "ABC" "abc") ;=> t
(string 'abc) ;=> "abc"
(string #\a) ;=> "a"
(parse-integer "42") ;=> 42
(parse-integer "ff" :radix 16) ;=> 255
(parse-integer "12x" :junk-allowed t) ;=> 12
(parse-integer "x") ;! is not an integer
(char "abc" 1) ;=> #\b
(char-code #\A) ;=> 65
(code-char 955) ;=> #\λ
(length "λx") ;=> 2
(char "λx" 1) ;=> #\x
(subseq "aλb" 1 2) ;=> "λ"
(reverse "aλb") ;=> "bλa"
(char-upcase #\a) ;=> #\A
(list (alpha-char-p #\a) (digit-char-p #\7) (digit-char-p #\a) (upper-case-p #\A)) ;=> (t 7 nil t)
(list (char< #\a #\b #\c) (char= #\a #\a)) ;=> (t t)
(let ((s (copy-seq "abc"))) (setf (char s 1) #\X) s) ;=> "aXc"
(string-join '("a" "b") ", ") ;=> "a, b"
(split-string "a b c") ;=> ("a" "b" "c")
(intern "FOO") ;=> foo
(symbol-name 'foo) ;=> "foo"
(intern "KEY" :keyword) ;=> :key
(format nil "~a ~s ~a" "x" "x" 'sym) ;=> "x \"x\" sym"
(format nil "~5a|~5@a|~3a" 1 2 "abcdef") ;=> "1    |    2|abcdef"
(format nil "~d ~5d ~5,'0d ~:d ~@d" 1 2 3 1234567 5) ;=> "1     2 00003 1,234,567 +5"
(format nil "~x ~8,'0x ~o ~b" 255 255 8 5) ;=> "ff 000000ff 10 101"
(format nil "~r ~@r ~2r" 1234 14 5) ;=> "one thousand two hundred thirty-four XIV 101"
(format nil "~f ~,2f ~8,3f ~2f" 1.5 3.14159 2.5 10) ;=> "1.5 3.14    2.500 10.0"
(format nil "~,2e" 12345.678) ;=> "1.23e+4"
(format nil "~e" 1234.5) ;=> "1.2345e+3"
(list 1e10 1.0e-5 123456.789 1.5e7 0.001 -2.5e-4) ;=> (1.0e10 1.0e-5 123456.789 1.5e7 0.001 -2.5e-4)
(format nil "~f" 1e10) ;=> "10000000000.0"
(format nil "~:r ~:r ~:r ~:r" 3 12 20 41) ;=> "third twelfth twentieth forty-first"
(format nil "~$" 3) ;=> "3.00"
(format nil "~c ~:c ~@c" #\a #\Space #\b) ;=> "a Space #\\b"
(format nil "~d file~:p" 1) ;=> "1 file"
(format nil "~d file~:p, ~d entr~:@p" 2 1) ;=> "2 files, 1 entry"
(length (format nil "a~%b~~")) ;=> 4
(format nil "~{~a~^, ~}" '(1 2 3)) ;=> "1, 2, 3"
(format nil "~:{~a=~a ~}" '((a 1) (b 2))) ;=> "a=1 b=2 "
(format nil "~@{~a ~}" 1 2 3) ;=> "1 2 3 "
(format nil "~{~a~}" '()) ;=> ""
(format nil "~[zero~;one~:;many~] ~[zero~;one~:;many~]" 0 5) ;=> "zero many"
(format nil "~:[no~;yes~] ~:[no~;yes~]" nil t) ;=> "no yes"
(format nil "~@[x=~a~]~@[y=~a~]" 5 nil) ;=> "x=5"
(format nil "~(ABC~) ~:(hello there~) ~@(hello there~) ~:@(abc~)") ;=> "abc Hello There Hello there ABC"
(format nil "~a ~* ~a" 1 2 3) ;=> "1  3"
(format nil "~a~10t|~a" "abc" "x") ;=> "abc       |x"
(format nil "~v,'*d" 5 42) ;=> "***42"
(format nil "~a") ;! more directives than arguments
(format nil "~q" 1) ;! no directive ~q
(format nil "~{~a" '(1)) ;! is never closed
(format nil "a~
             b") ;=> "ab"
(format t "x~&y~&") ;>> x|y|
(format t "~a~%" '(1 "two" #\3)) ;>> (1 two 3)|
(progn (princ "a") (prin1 "a") (terpri) (print 'x)) ;>> a"a"||x 
(with-output-to-string (s) (format s "~a" 1) (write-string "b" s) (princ 'c s)) ;=> "1bc"
(with-output-to-string (*standard-output*) (princ "captured")) ;=> "captured"
(with-input-from-string (s "line one
two") (list (read-line s) (read-char s) (read-line s) (read-line s nil 'eof))) ;=> ("line one" #\t "wo" eof)
(read-from-string "(a 1 \"s\")") ;=> (a 1 "s")
(multiple-value-list (read-from-string "a b")) ;=> (a 1)
(read-from-string ")") ;! nothing is open
(princ-to-string "x") ;=> "x"
(prin1-to-string "x") ;=> "\"x\""
(format nil "~s" '(quote x)) ;=> "'x"
(format nil "~s" '|A b|) ;=> "|A b|"
(format nil "~10a|~16a|~10d" 'name "value" 5) ;=> "name      |value           |         5"
(probe-file "/etc/passwd") ;=> nil
(open "/etc/passwd") ;! was not granted
(load "/etc/passwd") ;! was not granted
#p"/usr/lib" ;=> "/usr/lib"
(concatenate 'string #P"a/" "b") ;=> "a/b"
