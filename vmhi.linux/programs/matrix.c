/* Integers: a product of matrices of 64-bit numbers, and calls without end (Fibonacci). Prints sums. */
#include <stdint.h>
#include <stdio.h>

enum { N = 320 };

static uint64_t a[N][N], b[N][N], c[N][N];

static __attribute__((noinline)) unsigned fibonacci(unsigned n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int main(void)
{
	uint64_t sum = 0, x = 1;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			a[i][j] = x >> 20;
			b[j][i] = x >> 30;
		}
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			uint64_t s = 0;

			for (int k = 0; k < N; k++)
				s += a[i][k] * b[k][j];
			c[i][j] = s;
		}
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			sum = sum * 31 + c[i][j];
	printf("%016lx %u\n", (unsigned long)sum, fibonacci(35));
	return 0;
}
