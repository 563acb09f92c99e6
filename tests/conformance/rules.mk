# tests/conformance: the simulator against the kernel on the kernel's own verifier tests.
# The test arrays stay in the distribution's package; what the build needs of it is
# extracted under $(B).
KSRC_VERSION ?= 6.1
KSRC_TAR ?= /usr/src/linux-source-$(KSRC_VERSION).tar.xz
KSRC_VERIFIER := linux-source-$(KSRC_VERSION)/tools/testing/selftests/bpf/verifier

$(B)/corpus/stamp:
	@mkdir -p $(@D)
	test -e $(KSRC_TAR) || apt-get install -y --no-install-recommends linux-source-$(KSRC_VERSION)
	tar -C $(@D) -xf $(KSRC_TAR) $(KSRC_VERIFIER)
	for f in $(@D)/$(KSRC_VERIFIER)/*.c; do \
		printf 'FILE_MARK("%s")\n#include "%s"\n' $${f##*/} $(KSRC_VERIFIER)/$${f##*/}; \
	done >$(@D)/conformance_tests.h
	touch $@

# The included arrays use a feature the rest of the project does not: gaps in initialisers.
$(B)/tests/conformance/corpus.o: $(B)/corpus/stamp
$(B)/tests/conformance/corpus.o: override CFLAGS += -I$(B)/corpus -Wno-missing-field-initializers \
	-Wno-conversion -Wno-override-init -O0

CONF_SRC := $(wildcard tests/conformance/*.c)
CONF_DIR = $(B)/conformance-$(shell uname -r)

$(B)/conformance: $(CONF_SRC:%.c=$(B)/%.o) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

# CAPS=bpf or none: as a process with less than all capabilities.
CAPS ?=
WITH_CAPS := $(CAPS:%=-caps-%)
CAPS_ARG := $(CAPS:%=--caps %)

conformance: $(B)/conformance	## simulator against kernel; CAPS=bpf ARGS='--list false-reject'
	$(B)/conformance kernel $(CONF_DIR)$(WITH_CAPS) $(CAPS_ARG)
	$(B)/conformance compare $(CONF_DIR)$(WITH_CAPS) $(CAPS_ARG) $(ARGS)

# bench/verify.c times generated programs with the same eyes; it needs no corpus.
$(B)/bench/verify: $(B)/bench/verify.o $(B)/tests/conformance/timing.o \
		$(B)/tests/conformance/kernel.o $(B)/tests/conformance/sim.o \
		$(B)/tests/conformance/outcome.o $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -o $@ $^ $(LIBS)

conformance-unpriv: $(B)/conformance	## the simulator without privilege
	$(B)/conformance unpriv $(CONF_DIR) $(ARGS)

.PHONY: conformance conformance-unpriv
-include $(CONF_SRC:%.c=$(B)/%.d)

# The same table for kernels in virtual machines (tests/vm). A kernel's results are kept;
# the machine starts only for a kernel that has none.
CONF_KERNELS ?= 5.10 6.1 6.12 6.18 7.3

$(B)/conformance-static: $(CONF_SRC:%.c=$(B)/%.o) $(B)/libveery.a
	$(CC) $(OPT_$(MODE)) $(LDFLAGS) -static -o $@ $^ $(LIBS) -lz

# A machine of our own may let the unprivileged in; it guards against speculation as real ones do.
$(B)/conformance-vm-%$(WITH_CAPS)/results.tsv: | $(B)/conformance-static
	rm -rf $(@D).in && mkdir -p $(@D).in
	objcopy --strip-debug $(B)/conformance-static $(@D).in/conformance
	VM_CMDLINE=mitigations=auto VM_TIMEOUT=600 VM_MEM=1536 VM_MEMLOCK=1 VM_OUT=$(@D) \
		tests/vm/run-in-vm.sh $* $(@D).in sh -c \
		'echo 0 >/proc/sys/kernel/unprivileged_bpf_disabled; \
		./conformance kernel /out $(CAPS_ARG)'
	rm -rf $(@D).in

VM_RESULTS := $(CONF_KERNELS:%=$(B)/conformance-vm-%$(WITH_CAPS)/results.tsv)
conformance-vm: $(B)/conformance $(VM_RESULTS)	## for other kernels
	for k in $(CONF_KERNELS); do \
		$(B)/conformance compare $(B)/conformance-vm-$$k$(WITH_CAPS) $(CAPS_ARG) $(ARGS) || exit; \
	done

.PHONY: conformance-vm

# The same table for the C programs that come with the kernel's source (tests, samples, tools,
# drivers), compiled by the clang that is here: OBJ_CLANG=clang-19, OBJ_CPU=v4.
OBJ_VERSIONS ?= $(patsubst /usr/src/linux-source-%.tar.xz,%,$(wildcard /usr/src/linux-source-*.tar.xz))
OBJ_CLANG ?= clang
OBJ_CPU ?= v3
OBJ_TAG = $(OBJ_CLANG)-$(OBJ_CPU)
OBJ_DONE = $(OBJ_VERSIONS:%=$(B)/objects-%-$(OBJ_TAG)/done)

$(B)/objects-%-$(OBJ_TAG)/done: tests/conformance/objects.sh
	sh tests/conformance/objects.sh /usr/src/linux-source-$*.tar.xz $(B)/object-sources-$* \
		$(@D) $(OBJ_CLANG) $(OBJ_CPU)
	touch $@

conformance-objects: $(B)/conformance $(OBJ_DONE)	## on compiled C; OBJ_CLANG=clang-19 OBJ_CPU=v4
	for v in $(OBJ_VERSIONS); do \
		of=$(B)/objects-$$v-$(OBJ_TAG); dir=$(CONF_DIR)-objects-$$v-$(OBJ_TAG); \
		$(B)/conformance kernel $$dir --objects $$of && \
		$(B)/conformance compare $$dir --objects $$of $(ARGS) || exit; \
	done

# Those programs with one to three blunders in each: what kernels refuse, and why.
OBJ_EACH ?= 4
OBJ_SEED ?= 1

conformance-mutated: $(B)/conformance $(OBJ_DONE)	## on broken C; OBJ_EACH=4 OBJ_SEED=1
	for v in $(OBJ_VERSIONS); do \
		of=$(B)/objects-$$v-$(OBJ_TAG); \
		set -- $(CONF_DIR)-mutated-$$v-$(OBJ_TAG)-$(OBJ_SEED) --objects $$of \
			--mutate $(OBJ_EACH) --seed $(OBJ_SEED); \
		$(B)/conformance kernel "$$@" && $(B)/conformance compare "$$@" $(ARGS) || exit; \
	done

# And in the virtual machines' kernels.
$(B)/conformance-vm-%-objects/results.tsv: $(OBJ_DONE) | $(B)/conformance-static
	sh tests/conformance/objects-vm.sh $* $(B)/conformance-static $(@D) \
		$(OBJ_VERSIONS:%=$(B)/objects-%-$(OBJ_TAG))

conformance-objects-vm: $(B)/conformance $(CONF_KERNELS:%=$(B)/conformance-vm-%-objects/results.tsv)	## for other kernels
	for k in $(CONF_KERNELS); do \
		for v in $(OBJ_VERSIONS); do \
			$(B)/conformance compare $(B)/conformance-vm-$$k-objects \
				--objects $(B)/objects-$$v-$(OBJ_TAG) $(ARGS) || exit; \
		done; \
	done

.PHONY: conformance-objects conformance-objects-vm conformance-mutated
