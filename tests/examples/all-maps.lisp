;;; Which maps are in this kernel, whoever made them, and how full are they?
;;;   veery run tests/examples/all-maps.lisp
;;; One is looked into: (open-map 'NAME ID), then (dump NAME), (setf (map-ref NAME key) value).

(defmap visitors :type :hash :key u32 :value u64 :max-entries 16)
(setf (map-ref visitors 1) 100
      (map-ref visitors 2) 200)

(defun entries-of (id)
  "How many, or nil where the type of map cannot be walked."
  (handler-case (progn (open-map 'seen id)
                       (length (map-keys 'seen)))
    (error () nil)))

(format t "    id  type               name               key  value   entries~%")
(loop for (id type name key-size value-size room) in (reverse (kernel-maps))
      do (format t "~6d  ~18a ~16a ~5d ~6d   ~a of ~d~%" id type name key-size value-size
                 (or (entries-of id) "?") room))
