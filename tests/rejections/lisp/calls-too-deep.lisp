;; code: V0305
;; real: no
;; kind: calls too deep
;; Nine functions, one in the other.
(defn f8 (x) (+ x (get-prandom-u32)))
(defn f7 (x) (+ (f8 x) (get-prandom-u32)))
;               ^ root
(defn f6 (x) (+ (f7 x) (get-prandom-u32)))
(defn f5 (x) (+ (f6 x) (get-prandom-u32)))
(defn f4 (x) (+ (f5 x) (get-prandom-u32)))
(defn f3 (x) (+ (f4 x) (get-prandom-u32)))
(defn f2 (x) (+ (f3 x) (get-prandom-u32)))
(defn f1 (x) (+ (f2 x) (get-prandom-u32)))
(defprog deep (:type :tc)
  (logand (f1 (ctx len)) 1))                                ;-
;          ^ also
;+(logand (f3 (ctx len)) 1))
