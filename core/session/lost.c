/* SPDX-License-Identifier: MIT */
/* lost.c: says what programs could not hand over because there was no room: see
 * core/compile/lower/lost.c. Each loss is told once. */
#include "internal.h"

#include "syscalls/bpf.h"

static void
tell(struct session *s, const struct map *m, uint64_t n)
{
	const char *are = n == 1 ? "was" : "were";

	session_fresh_line(s);
	if (strcmp(m->name, FORMAT_RING) == 0)
		session_write(s, "; %llu line%s of printf %s lost: its ring was full\n",
			      (unsigned long long)n, n == 1 ? "" : "s", are);
	else
		session_write(s, "; %llu event%s %s not counted in %s: it is full (%u entries)\n",
			      (unsigned long long)n, n == 1 ? "" : "s", are, m->name,
			      m->spec.max_entries);
}

void
session_tell_losses(struct session *s)
{
	const struct map *lost = session_map_named(s, STR(LOST_MAP));
	uint64_t now[LOST_SLOTS];
	uint32_t key = 0;

	if (!lost || lost->fd < 0 || sys_map_lookup(lost->fd, &key, now, 0))
		return;
	for (uint32_t i = 0; i < s->maps.n; i++) {
		const struct map *m = s->maps.at[i];
		uint32_t slot = kenv_lost_slot(s->kenv, str_of(m->name));

		if (now[slot] > s->lost[slot])
			tell(s, m, now[slot] - s->lost[slot]);
		s->lost[slot] = now[slot];
	}
}
