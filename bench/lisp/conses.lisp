; 100 million conses in bounded memory; no Lua twin.
(defun churn (n) (let ((l nil)) (dotimes (i n) (setq l (cons i nil))) l))
(print (churn 100000000))
