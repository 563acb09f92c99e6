# tests/rejections: faulty programs, and what is to be said about each.
REJ_SRC := $(wildcard tests/rejections/*.c)

$(B)/rejections: $(REJ_SRC:%.c=$(B)/%.o) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(REJ_SRC:%.c=$(B)/%.d)
