/* code: V0101
 * real: yes
 * kind: possible null
 * The order of a condition: the entry is read before it is asked for. */
#include "bpf.h"

struct rule { u32 action, hits; };
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(map_flags, BPF_F_NO_PREALLOC);
	 __uint(key_size, 8); __type(value, struct rule); __uint(max_entries, 255); } rules
	SEC(".maps");

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *iph = data + sizeof(struct ethhdr);
	struct { u32 prefixlen, addr; } key = {.prefixlen = 32};
	struct rule *rule;

	if ((void *)(iph + 1) > data_end)
		return XDP_PASS;
	key.addr = iph->saddr;
	rule = bpf_map_lookup_elem(&rules, &key);
#ifdef FIXED
	if (rule && rule->action == XDP_DROP) {
#else
	if (rule->action == XDP_DROP && rule) { // root
#endif
		rule->hits++;
		return XDP_DROP;
	}
	return XDP_PASS;
}
