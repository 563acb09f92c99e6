/* code: V0101
 * real: yes
 * kind: possible null
 * The pointer is tested, but only as a part of another condition. */
#include "bpf.h"

struct info { u32 flags, tunnel; u64 bytes; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct info);
	 __uint(max_entries, 512); } peers SEC(".maps");

static __always_inline struct info *
lookup(u32 addr)
{
	return bpf_map_lookup_elem(&peers, &addr);
}

SEC("tc")
int account(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct info *info;
	u32 tunnel = 0;

	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	info = lookup(ip->daddr);
#ifdef FIXED
	if (!info)
		return TC_ACT_OK;
#endif
	if (info && info->flags & 1)
		tunnel = info->tunnel;
	if (tunnel)
		return bpf_redirect(tunnel, 0);
	info->bytes += skb->len; // root
	return TC_ACT_OK;
}
