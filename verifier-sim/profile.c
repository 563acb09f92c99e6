/* SPDX-License-Identifier: MIT */
/* profile.c: what differs between kernels, as flags. Rules ask the flags, never the version. */
#include "env.h"

void
vs_profile_fill(struct vs_profile *p, uint16_t k, uint16_t patch)
{
	*p = (struct vs_profile){
		.kernel = k,
		.split_caps = k >= KVER(5, 8),
		.bounded_loops = k >= KVER(5, 3),
		.global_funcs = k >= KVER(5, 6),
		.ranges32 = k >= KVER(5, 7),
		.mixed_tail_calls = k >= KVER(5, 10),
		.variable_stack = k >= KVER(5, 10),
		.isa4 = k >= KVER(6, 6),
		.may_goto = k >= KVER(6, 9),
		.arena = k >= KVER(6, 9),
		.load_acq = k >= KVER(6, 15),
		.gotox = k >= KVER(6, 19),
		.early_fields = k >= KVER(7, 0),
		.stack_round16 = k >= KVER(6, 8),
		.logs_subprogs = k >= KVER(4, 20),
		.indirect_text = k < KVER(6, 13),
		.null_precise = k >= KVER(7, 0) || k == KVER(6, 12),
		.logs_places = k >= KVER(6, 9),
		.logs_loops = k >= KVER(6, 17),
		.liveness_marks = k < KVER(6, 18),
		.uninit_stack = k >= KVER(5, 10),	/* 6.3, and in stable kernels */
		.reads_grow_stack = k >= KVER(6, 1),	/* 6.8, and in stable kernels */
		.narrow_fill = k >= KVER(6, 9),
		.const_left = k >= KVER(6, 4),
		.atomics = k >= KVER(5, 12),
		.scrubs_variable = k >= KVER(6, 12),
		.same_register = k >= KVER(6, 19),
		.cpu_range = k >= KVER(6, 10),
		.any_back_edge = k >= KVER(6, 6),
		.linked_scalars = k >= KVER(6, 10),
		.linked_subs = k >= KVER(6, 18),
		.tnum_steps = k >= KVER(6, 18),
		.free_ids = k >= KVER(6, 12),
		.tnum_pairs = k < KVER(6, 8),
		.record_is_alloc = k < KVER(6, 2),
		.scalar_is_inv = k < KVER(5, 18),
		.forks_masks = k >= KVER(6, 12),
		.div_ranges = k >= KVER(7, 0),
		.range_vs_range = k >= KVER(6, 8),
		.checks_bounds = k >= KVER(6, 8) && k < KVER(7, 1),
		.return_ranges = k >= KVER(6, 8),
		.end_ranges = k >= KVER(6, 18),
		.tail_call_returns = k >= KVER(6, 12),
		.neg_ranges = k >= KVER(6, 16),
		.ctx_fixed_off = k >= KVER(7, 0),
		.global_sleep_rule = k >= KVER(6, 13),
		.more_not_null = k >= KVER(6, 3),
		.barriers = k >= KVER(6, 17),
		.no_casts = k >= KVER(6, 2),
		.all_trust = k >= KVER(7, 0) || (k == KVER(6, 18) && patch > 15),
		.iters_in_rcu = k >= KVER(6, 18),
		.packets_keep_sockets = k >= KVER(7, 3),
		.lock_calls = k >= KVER(6, 9),
		.exit_text = k >= KVER(6, 16) ? "BPF_EXIT instruction in main prog"
			: "BPF_EXIT instruction",
		.insn_limit = k >= KVER(5, 2) ? 1000000 : 131072,
		.states_limit = 64,
	};
}
