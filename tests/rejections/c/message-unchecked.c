/* code: V0106
 * real: no
 * kind: packet bounds
 * What a socket sends ends where its context says, like a packet. */
#include "bpf.h"

SEC("sk_msg")
int get_only(struct sk_msg_md *msg)
{
	char *data = msg->data;

#ifdef FIXED
	if ((void *)(data + 2) > msg->data_end)
		return 1;
#endif
	if (data[0] == 'G' && data[1] == 'E') // root
		return 0;
	return 1;
}
