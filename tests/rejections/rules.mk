# tests/rejections: faulty programs, and what is to be said about each.
REJ_SRC := $(wildcard tests/rejections/*.c)

$(B)/rejections: $(REJ_SRC:%.c=$(B)/%.o) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

rejections-compare: $(B)/rejections $(B)/veery	## the corpus in C by clang-19 as well
	@mkdir -p $(B)/tests/rejections
	$(B)/rejections $(B)/veery $(B)/tests/rejections --goals --compare \
		tests/rejections/lisp/*.lisp tests/rejections/c/*.c
.PHONY: rejections-compare

-include $(REJ_SRC:%.c=$(B)/%.d)
