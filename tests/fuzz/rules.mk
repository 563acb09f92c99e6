# tests/fuzz: random programs against the kernel, and libFuzzer targets.
FUZZ_SRC := tests/fuzz/gen.c tests/fuzz/shrink.c tests/fuzz/verdict.c
FUZZ_OBJ := $(FUZZ_SRC:%.c=$(B)/%.o) $(addprefix $(B)/tests/conformance/,kernel.o outcome.o \
	sim.o table.o)
N ?= 200000
SEED ?= 0

$(B)/fuzz-verdict: $(FUZZ_OBJ) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

fuzz-verdict: $(B)/fuzz-verdict	## N=200000 SEED=0: random programs, kernel and simulator
	$(B)/fuzz-verdict $(N) $(SEED) $(ARGS)

# The targets are built by clang with all they need, apart from other objects.
FUZZ_CC ?= clang
FUZZ_TARGETS := elf btf verify
FUZZ_RUNS ?= 1000000
FUZZ_LIB := $(filter core/base/% core/image/% core/facts/% core/object/% verifier-sim/%,$(LIB))
FUZZ_FLAGS = -std=c17 -D_GNU_SOURCE -O1 -g -I. -Icore -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -MMD -MP

$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) -c -o $@ $<

$(B)/fuzz/lib.a: $(FUZZ_LIB:%.c=$(B)/fuzz/%.o)
	rm -f $@ && $(AR) rcs $@ $^

$(FUZZ_TARGETS:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/target_%.o $(B)/fuzz/lib.a
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ -lelf -lm

# Findings land in the build directory; minimised ones belong into tests/fuzz/corpus-NAME.
fuzz: $(FUZZ_TARGETS:%=$(B)/fuzz/%)	## FUZZ_RUNS=1000000: libFuzzer on ELF, BTF and verifier
	mkdir -p $(FUZZ_TARGETS:%=$(B)/fuzz/corpus-%)
	for f in tests/objects/*.c; do \
		clang -target bpf -O2 -g -Wno-unused -c -o $(B)/fuzz/corpus-elf/$${f##*/}.o $$f; \
		llvm-objcopy --dump-section .BTF=$(B)/fuzz/corpus-btf/$${f##*/} \
			$(B)/fuzz/corpus-elf/$${f##*/}.o /dev/null || :; \
	done
	for t in $(FUZZ_TARGETS); do \
		$(SAN_ENV):quarantine_size_mb=8:max_malloc_fill_size=0 \
		$(B)/fuzz/$$t -runs=$(FUZZ_RUNS) -max_len=16384 -rss_limit_mb=2048 -timeout=10 \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$(B)/fuzz/$$t- \
			$(B)/fuzz/corpus-$$t $(wildcard tests/fuzz/corpus-$$t) || exit; \
	done

.PHONY: fuzz fuzz-verdict
-include $(FUZZ_OBJ:.o=.d) $(wildcard $(B)/fuzz/*/*.d $(B)/fuzz/*/*/*.d)

# The targets once more, with our own flags and no fuzzer: for past findings.
$(FUZZ_TARGETS:%=$(B)/replay-%): $(B)/replay-%: $(B)/tests/fuzz/replay.o \
		$(B)/tests/fuzz/target_%.o $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(B)/tests/fuzz/replay.d $(FUZZ_TARGETS:%=$(B)/tests/fuzz/target_%.d)

SOUND_OBJ := $(B)/tests/fuzz/sound.o $(B)/tests/fuzz/gen.o

$(B)/fuzz-sound: $(SOUND_OBJ) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

fuzz-sound: $(B)/fuzz-sound	## N=200000: are the simulator's claims true when programs run?
	$(B)/fuzz-sound $(N) $(SEED)

.PHONY: fuzz-sound
-include $(SOUND_OBJ:.o=.d)
