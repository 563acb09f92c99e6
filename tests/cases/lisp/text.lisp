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
(format nil "~x ~8,'0x ~o ~b" 255 255 8 5) ;=> "FF 000000FF 10 101"
(format nil "~r ~@r ~2r" 1234 14 5) ;=> "one thousand two hundred thirty-four XIV 101"
(format nil "~f ~,2f ~8,3f ~2f" 1.5 3.14159 2.5 10) ;=> "1.5 3.14    2.500 10."
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
(multiple-value-list (read-from-string "a b")) ;=> (a 2)
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

;;; format, checked against another Common Lisp
(format nil "~a ~s ~d" "x" "x" 5) ;=> "x \"x\" 5"
(format nil "~10@a|" "ab") ;=> "        ab|"
(format nil "~5d|~5,'0d|~,,'.,3:d|~:d|~@d" 42 42 1234567 1234567 5) ;=> "   42|00042|1.234.567|1,234,567|+5"
(format nil "~b ~o ~x ~X" 10 10 255 255) ;=> "1010 12 FF FF"
(format nil "~8,'0b" 5) ;=> "00000101"
(format nil "~f ~,2f ~8,3f|~,0f" 3.14159 3.14159 3.14159 2.5) ;=> "3.14159 3.14    3.142|3."
(format nil "~5f|~10,2f|" 3.14159 -2.5) ;=> "3.142|     -2.50|"
(format nil "~e ~,2e ~10,3e" 12345.678 12345.678 12345.678) ;=> "1.2345678e+4 1.23e+4   1.235e+4"
(format nil "~$ ~$" 3.14159 2) ;=> "3.14 2.00"
(format nil "~,2$ ~8,2$" 1.5 1.5) ;=> "01.50 01.50000000"
(format nil "~r ~:r ~@r ~:@r" 42 42 42 4) ;=> "forty-two forty-second XLII IIII"
(format nil "~r" 0) ;=> "zero"
(format nil "~r" 1234567) ;=> "one million two hundred thirty-four thousand five hundred sixty-seven"
(format nil "~:r" 1) ;=> "first"
(format nil "~:r" 21) ;=> "twenty-first"
(format nil "~:r" 100) ;=> "one hundredth"
(format nil "~3r ~16r" 10 255) ;=> "101 FF"
(format nil "~@r" 1999) ;=> "MCMXCIX"
(format nil "~c ~:c ~@c" #\a #\Space #\a) ;=> "a Space #\\a"
(format nil "~a~~~a" 1 2) ;=> "1~2"
(format nil "~p ~p ~:p" 1 2 2) ;=> " s s"
(format nil "~d item~:p" 3) ;=> "3 items"
(format nil "~d item~:p" 1) ;=> "1 item"
(format nil "~d famil~:@p" 1) ;=> "1 family"
(format nil "~d famil~:@p" 2) ;=> "2 families"
(format nil "~{~a~^, ~}" '(1 2 3)) ;=> "1, 2, 3"
(format nil "~{~a=~a~^;~}" '(a 1 b 2)) ;=> "a=1;b=2"
(format nil "~:{~a-~a ~}" '((1 2) (3 4))) ;=> "1-2 3-4 "
(format nil "~@{~a ~}" 1 2 3) ;=> "1 2 3 "
(format nil "~{~a~}" nil) ;=> ""
(format nil "~2{~a~}" '(1 2 3)) ;=> "12"
(format nil "~{~{~a~^-~}~^ ~}" '((1 2) (3))) ;=> "1-2 3"
(format nil "~[a~;b~;c~]" 1) ;=> "b"
(format nil "~[a~;b~:;z~]" 9) ;=> "z"
(format nil "~:[no~;yes~]" nil) ;=> "no"
(format nil "~:[no~;yes~]" t) ;=> "yes"
(format nil "~@[got ~a~]" nil) ;=> ""
(format nil "~@[got ~a~]" 5) ;=> "got 5"
(format nil "~#[none~;one ~a~;two ~a ~a~:;many~]" 1 2) ;=> "two 1 2"
(format nil "~(HeLLo~) ~:(hello world~) ~@(hello world~) ~:@(hello~)") ;=> "hello Hello World Hello world HELLO"
(format nil "~a~*~a" 1 2 3) ;=> "13"
(format nil "~a ~:*~a" 1) ;=> "1 1"
(format nil "~2*~a" 1 2 3) ;=> "3"
(format nil "~1@*~a" 1 2 3) ;=> "2"
(format nil "~10t~a" 1) ;=> "          1"
(format nil "abc~10tx") ;=> "abc       x"
(format nil "abc~3,4tx") ;=> "abc    x"
(format nil "~a~20ta~a" 1 2) ;=> "1                   a2"
(format nil "a~2@tb") ;=> "a  b"
(format nil "~?" "~a-~a" '(1 2)) ;=> "1-2"
(format nil "~@?" "~a-~a" 1 2) ;=> "1-2"
(format nil "~<~a~>" "x") ;=> "x"
(format nil "~10<foo~;bar~>" ) ;=> "foo    bar"
(format nil "~10:<foo~>") ;=> "       foo"
(format nil "~10@<foo~>") ;=> "foo       "
(format nil "~10:@<foo~;bar~>") ;=> " foo bar  "
(format nil "~s ~a" 'sym :key) ;=> "sym key"
(format nil "~a" nil) ;=> "nil"
(format nil "~:a" nil) ;=> "()"
(format nil "~a" #\a) ;=> "a"
(format nil "~s" #\a) ;=> "#\\a"
(format nil "~a" 1.0) ;=> "1.0"
(format nil "~a" '("a" #\b)) ;=> "(a b)"
(format nil "~s" '("a" #\b)) ;=> "(\"a\" #\\b)"
(format nil "~5@a" 'ab) ;=> "   ab"
(format nil "~vd" 5 42) ;=> "   42"
(format nil "~v,'0d" 5 42) ;=> "00042"
(format nil "~#d" 1) ;=> "1"
(format nil "~,,' ,4:d" 1234567) ;=> "123 4567"
(format nil "~+5d" 1) ;=> "    1"
(format nil "no args") ;=> "no args"
(format nil "~d" "x") ;=> "x"
(format nil "~x" -255) ;=> "-FF"
(format nil "~:d" -1234567) ;=> "-1,234,567"
(format nil "~b" "a") ;=> "a"
(format nil "~a~^ more" 1) ;=> "1"
(format nil "~a~^ more ~a" 1 2) ;=> "1 more 2"
(format nil "~{~a~^ ~}~a" '(1 2) 3) ;=> "1 23"
(format nil "~,3f" 2.0005) ;=> "2.001"
(format nil "~,2f" 1e10) ;=> "10000000000.00"
(format nil "~6,2f|~6,2,,'*f" 1234.5 123456.789) ;=> "1234.50|******"
(format nil "~,2f" 5) ;=> "5.00"
(format nil "~f" 1e20) ;=> "100000000000000000000.0"
(format nil "~f" 1e-5) ;=> "0.00001"
(format nil "~4,2,,,'0f" 0.5) ;=> "0.50"
(format nil "~a" 1e20) ;=> "1.0e20"
(format nil "~@f" 1.5) ;=> "+1.5"
(format nil "~,4e" 0.0) ;=> "0.0000e+0"
(format nil "~,2,2f" 0.5) ;=> "50.00"
(format nil "~d" 1.5) ;=> "1.5"
(format nil "~f" 0) ;=> "0.0"
(format nil "~,1f" 0.25) ;=> "0.3"
(format nil "~,1f" 0.35) ;=> "0.3"
(format nil "~,0f" 0.5) ;=> "1."
(format nil "~,0f" 1.5) ;=> "2."
(format nil "~w ~s" "a" "a") ;=> "\"a\" \"a\""
(format nil "~a" (list 1 (list 2 3) 'x)) ;=> "(1 (2 3) x)"
(format nil "~s" (cons 1 (cons 2 3))) ;=> "(1 2 . 3)"
(format nil "~a" #(1 2 "x")) ;=> "#(1 2 x)"
(format nil "~s" #(1 2 "x")) ;=> "#(1 2 \"x\")"
; parts of strings, looking ahead, texts that end too early
(with-output-to-string (s) (write-string "abcd" s :start 1 :end 3) (write-string "éa" s :start 1)) ;=> "bca"
(write-string "abc" t :start 2 :end 1) ;! :start and :end are positions
(with-input-from-string (s "  Ġa") (list (char-code (peek-char t s)) (peek-char #\a s))) ;=> (288 #\a)
(with-input-from-string (s "a  bc") (list (read-char s) (peek-char nil s) (peek-char t s) (read-char s) (peek-char s) (read-char s) (peek-char nil s nil 'end))) ;=> (#\a #\Space #\b #\b #\c #\c end)
(with-input-from-string (s "xyz") (list (peek-char #\z s) (read-char s))) ;=> (#\z #\z)
(with-input-from-string (s "xy") (let ((c (read-char s))) (unread-char c s) (list c (read-char s)))) ;=> (#\x #\x)
(handler-case (read-from-string "(1 2") (end-of-file () 'ended)) ;=> ended
(handler-case (read-from-string "\"ab") (end-of-file () 'ended)) ;=> ended
(handler-case (read-from-string ")") (reader-error () 'stray)) ;=> stray
