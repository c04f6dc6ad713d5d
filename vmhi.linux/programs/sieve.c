/* Integers: primes below eight million, six times, by a sieve of bytes. Prints their number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 8000000 };

int main(void)
{
	char *crossed = malloc(TOP);
	int count = 0;

	if (!crossed)
		return 1;
	for (int round = 0; round < 6; round++) {
		memset(crossed, 0, TOP);
		count = 0;
		for (int i = 2; i < TOP; i++) {
			if (crossed[i])
				continue;
			count++;
			for (long j = (long)i * i; j < TOP; j += i)
				crossed[j] = 1;
		}
	}
	printf("%d\n", count);
	return 0;
}
