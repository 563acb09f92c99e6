/* SPDX-License-Identifier: MIT */
/* count-drops.c: libveery from C: define a packet filter, run packets through it, read its
 * counter.
 *   cc count-drops.c $(pkg-config --cflags --libs veery) && ./a.out */
#include <stdio.h>
#include <string.h>
#include <veery.h>

static const char source[] =
	"(defmap drops :type :array :key-size 4 :value-size 8 :max-entries 1)\n"
	"(defprog drop-odd (:type :xdp)\n"
	"  (with-packet (data end :min-len 1)\n"
	"    (when (logand (load u8 data 0) 1)\n"
	"      (incf (getmap drops 0))\n"
	"      (return XDP_DROP)))\n"
	"  XDP_PASS)\n";

int
main(void)
{
	struct veery *v = veery_new(NULL);
	struct veery_program *p;
	unsigned char packet[64];
	uint64_t drops = 0;
	uint32_t key = 0, verdict, dropped = 0;

	if (!v || veery_eval(v, "count-drops", source) < 0) {
		fputs(v && veery_complaints(v) ? veery_complaint(v, 0)->text : "no session\n",
		      stderr);
		return 1;
	}
	p = veery_program(v, "drop-odd");
	for (int i = 0; i < 10; i++) {
		memset(packet, i, sizeof packet);
		if (veery_test_run(v, p, packet, sizeof packet, NULL, NULL, &verdict, NULL) < 0)
			return 1;
		dropped += verdict == 1;
	}
	veery_map_get(veery_map(v, "drops"), &key, &drops);
	printf("%u of 10 packets dropped, the map says %lu\n", dropped, (unsigned long)drops);
	veery_free(v);
	return dropped == 5 && drops == 5 ? 0 : 1;
}
