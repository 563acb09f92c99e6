# Veery. `make help` lists the targets; the variables below can be set on the command line.
CC ?= gcc
OBJCOPY ?= objcopy
PREFIX ?= /usr/local
B ?= build
MODE ?= release
VERSION := 0.1.0

WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wno-unknown-warning-option -Wno-maybe-uninitialized -Wno-missing-field-initializers \
	-Werror
OPT_release := -O2 -g -DNDEBUG
OPT_debug := -O1 -g
OPT_sanitize := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -DVEERY_VERSION='"$(VERSION)"' $(WARN) $(OPT_$(MODE)) \
	-fPIC -fvisibility=hidden -I. -Icore -MMD -MP $(CFLAGS)
LIBS := -lelf -lm

# core/main.c, core/cli and core/repl are the command; everything else is the library.
CMD := core/main.c $(sort $(wildcard core/cli/*.c core/repl/*.c))
LIB := $(sort $(filter-out $(CMD),$(wildcard core/*.c core/*/*.c core/*/*/*.c syscalls/*.c verifier-sim/*.c \
	verifier-sim/*/*.c)))
ASM := $(sort $(wildcard core/*/*.S))
UNIT := $(sort $(wildcard tests/unit/*/*.c tests/unit/*.c))
LIB_O := $(LIB:%.c=$(B)/%.o) $(ASM:%.S=$(B)/%.o)
CMD_O := $(CMD:%.c=$(B)/%.o)
UNIT_O := $(UNIT:%.c=$(B)/%.o)

all: $(B)/veery $(B)/libveery.a $(B)/libveery.so	## the command and the library, in build/

$(B)/veery: $(CMD_O) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/libveery.a: $(LIB_O)
	rm -f $@ && $(AR) rcs $@ $^
$(B)/libveery.so: $(LIB_O)
	$(CC) $(OPT_$(MODE)) -shared -Wl,-soname,libveery.so.0 $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/unit: $(UNIT_O) $(filter-out %/main.o,$(CMD_O)) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

$(B)/%.o: %.c | $(B)/.ready
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(B)/core/lang/prelude_text.o: $(wildcard core/lang/prelude/*.lisp)

$(B)/%.o: %.S | $(B)/.ready
	@mkdir -p $(@D)
	$(CC) -c -I. -MMD -MP -o $@ $<
# Names the first missing package instead of letting the compiler trip over its header.
$(B)/.ready:
	@CC="$(CC)" sh tests/deps.sh check
	@mkdir -p $(@D) && touch $@

deps:			## install what building and testing needs (apt, dnf, pacman, apk)
	@CC="$(CC)" sh tests/deps.sh install
demo: deps		## count system calls on this machine, live; then redefine the probe
	@$(MAKE) --no-print-directory -s -j2 $(B)/veery
	@sh tests/demo.sh $(B)/veery
test: deps		## everything that can be tested here, in a few minutes
	@$(MAKE) --no-print-directory -s -j2 all $(B)/unit
	@B=$(B) sh tests/run.sh
unit: $(B)/unit		## unit tests only; ARGS='--filter arena/*' picks some
	$(B)/unit $(ARGS)
# What ASan makes of a thread's variables in libraries opened late (libdw) ends the leak check.
MEMCHECK := rejections fuzz-verdict fuzz-sound replay-elf
SAN_ENV := ASAN_OPTIONS=intercept_tls_get_addr=0
sanitize: deps		## the test suite under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -s -j2 B=build-sanitize MODE=sanitize all build-sanitize/unit
	@B=build-sanitize MODE=sanitize $(SAN_ENV) LSAN_OPTIONS=suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0 \
		sh tests/run.sh
memcheck: deps		## the test suite under valgrind; slow
	@$(MAKE) --no-print-directory -s -j2 B=build-debug MODE=debug all build-debug/unit \
		$(MEMCHECK:%=build-debug/%)
	@B=build-debug sh tests/memcheck.sh
gcstress: deps		## the test suite with garbage collected after every allocation
	@$(MAKE) --no-print-directory -s -j2 all $(B)/unit
	@B=$(B) VEERY_GC_STRESS=1 MODE=gcstress sh tests/run.sh
bench: deps		## time every phase, against the kernel and other tools
	@$(MAKE) --no-print-directory -s -j2 $(B)/veery
	@B=$(B) sh bench/run.sh
lint:			## house rules and clang-tidy
	@sh tests/lint.sh
# Only what is not committed yet: tables and trailing comments are aligned by hand.
format:			## clang-format over the lines changed since the last commit
	@git clang-format --extensions c,h || true
# For users only veery.h's functions are visible: one object with the rest made local.
$(B)/install/libveery.a: $(B)/libveery.a
	@mkdir -p $(@D)
	$(LD) -r -o $(@D)/veery.o --whole-archive $<
	$(OBJCOPY) --localize-hidden $(@D)/veery.o
	rm -f $@ && $(AR) rcs $@ $(@D)/veery.o
install: all $(B)/install/libveery.a	## command, library, header, pkg-config file, man page; PREFIX, DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
		$(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(B)/veery $(DESTDIR)$(PREFIX)/bin/veery
	install -m 644 $(B)/install/libveery.a $(DESTDIR)$(PREFIX)/lib/libveery.a
	install -m 755 $(B)/libveery.so $(DESTDIR)$(PREFIX)/lib/libveery.so.0
	ln -sf libveery.so.0 $(DESTDIR)$(PREFIX)/lib/libveery.so
	install -m 644 core/veery.h $(DESTDIR)$(PREFIX)/include/veery.h
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' core/veery.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/veery.pc
	install -m 644 core/veery.1 $(DESTDIR)$(PREFIX)/share/man/man1/veery.1
clean:			## remove what was built
	rm -rf build build-*
help:			## this list
	@grep -hE '^[a-z-]+:.*##' Makefile tests/*/rules.mk | sed 's/:.*##/\t/' | expand -t 18

.PHONY: all deps demo test unit sanitize memcheck gcstress bench lint format install clean help
-include $(wildcard tests/*/rules.mk)
-include $(LIB_O:.o=.d) $(CMD_O:.o=.d) $(UNIT_O:.o=.d)
