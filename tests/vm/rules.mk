# tests/vm: what other kernels run.
HOOK_KERNELS ?= 5.10 6.1 6.12 6.18
hooks-vm: $(B)/veery		## kprobe, fentry and lsm programs, counted in virtual machines
	sh tests/vm/hooks.sh $(B)/veery $(HOOK_KERNELS)
.PHONY: hooks-vm
