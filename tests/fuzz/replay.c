/* SPDX-License-Identifier: MIT */
/* replay.c: a libFuzzer target without libFuzzer: each file named is given to it once.
 * What it finds ends the process, as there; under the sanitizers it finds the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20 };

int
main(int argc, char **argv)
{
	uint8_t *data = malloc(LARGEST);

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n = f ? fread(data, 1, LARGEST, f) : 0;

		if (!f) {
			perror(argv[i]);
			return 2;
		}
		fclose(f);
		printf("%s\n", argv[i]);
		fflush(stdout);
		LLVMFuzzerTestOneInput(data, n);
	}
	free(data);
	return 0;
}
