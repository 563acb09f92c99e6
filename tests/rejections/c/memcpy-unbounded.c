/* code: V0105
 * real: yes
 * kind: offset or size not bounded
 * The length field of the UDP header decides how much is copied into 128 bytes. */
#include "bpf.h"

struct sample { u32 len; u8 bytes[128]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct sample);
	 __uint(max_entries, 1); } samples SEC(".maps");

SEC("tc")
int sample(struct __sk_buff *skb)
{
	void *data = data_of(skb), *end = end_of(skb);
	struct udphdr *udp = data + sizeof(struct ethhdr) + sizeof(struct iphdr);
	u32 zero = 0, len;
	struct sample *s;

	if ((void *)(udp + 1) > end)
		return TC_ACT_OK;
	len = bpf_ntohs(udp->len);
	s = bpf_map_lookup_elem(&samples, &zero);
	if (!s || len < 8)
		return TC_ACT_OK;
#ifdef FIXED
	if (len > sizeof s->bytes)
		len = sizeof s->bytes;
#endif
	s->len = len;
	bpf_skb_load_bytes(skb, 34, s->bytes, len); // root
	return TC_ACT_OK;
}
