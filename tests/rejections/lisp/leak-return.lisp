;; code: V0316
;; real: no
;; kind: pointer leaked
;; caps: bpf
;; The last form is the value of the program: here the address of the entry.
(defmap flags :type :array :key u32 :value u64 :max-entries 1)

(defprog pass-or-drop (:type :xdp)
  (map-lookup flags 0))                                     ;-
; ^ root
;+(getmap flags 0))
