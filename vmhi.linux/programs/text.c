/* Writes as many MiB of something like text as the argument says: the same each time, and it can be compressed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static char block[1 << 20];
	uint64_t x = 88172645463325252u;

	for (int n = argc > 1 ? atoi(argv[1]) : 1; n > 0; n--) {
		for (size_t i = 0; i < sizeof block; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			block[i] = x % 6 ? "etaoin shrdlu\n e"[x >> 60] : (char)('a' + (x >> 32) % 26);
		}
		if (fwrite(block, 1, sizeof block, stdout) != sizeof block)
			return 1;
	}
	return 0;
}
