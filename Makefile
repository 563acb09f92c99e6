# Veery: `make help` lists what there is.
CC ?= gcc
PREFIX ?= /usr/local
B ?= build
MODE ?= release
VERSION := 0.1.0

WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Werror
OPT_release := -O2 -g -DNDEBUG
OPT_debug := -O1 -g
OPT_sanitize := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -DVEERY_VERSION='"$(VERSION)"' $(WARN) $(OPT_$(MODE)) \
	-fPIC -fvisibility=hidden -I. -Icore -MMD -MP $(CFLAGS)
LIBS := -lelf -lm

SRC := $(sort $(wildcard core/*/*.c syscalls/*.c verifier-sim/*.c) $(wildcard core/veery.c))
ASM := $(wildcard core/*/*.S)
OBJ := $(SRC:%.c=$(B)/%.o) $(ASM:%.S=$(B)/%.o)
MAIN := $(B)/core/main.o
UNIT := $(sort $(wildcard tests/unit/*/*.c))

all: $(B)/veery $(B)/libveery.a $(B)/libveery.so	## build the command and the library

$(B)/veery: $(MAIN) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS) -ledit

$(B)/libveery.a: $(OBJ)
	rm -f $@ && $(AR) rcs $@ $^

$(B)/libveery.so: $(OBJ)
	$(CC) $(OPT_$(MODE)) -shared $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/unit: $(UNIT:%.c=$(B)/%.o) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) -c -I. -MMD -MP -o $@ $<

-include tests/*/rules.mk

unit: $(B)/unit		## unit tests only; ARGS='--filter tnum/*' picks
	$(B)/unit $(ARGS)

clean:			## remove the build directory
	rm -rf $(B)

help:			## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

.PHONY: all unit clean help
-include $(OBJ:.o=.d) $(MAIN:.o=.d) $(UNIT:%.c=$(B)/%.d)
