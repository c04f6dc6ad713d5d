/*
 * Loops of so many instructions each, to find out how many a second are executed. Each is repeated for some seconds to
 * get warm, and then for some seconds that count. Prints, of the fastest round of these, which others that want the
 * processor have disturbed least,
 *
 *   instructions: NAME NUMBER NANOSECONDS RESULT
 *
 * where RESULT is that of each round. Arguments: seconds to get warm, seconds that count.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TURNS = 200000, WORDS = 8192 };

static uint64_t words[WORDS + 2] __attribute__((aligned(64)));

/* 12 a turn */
static uint64_t integers(void)
{
	uint64_t a = 1, b = 2, c = 3, n = TURNS;

	__asm__ volatile("1:	add %[b], %[a]\n"
		"	rol $5, %[a]\n"
		"	xor %[a], %[b]\n"
		"	lea 7(%[a],%[b],2), %[c]\n"
		"	sub %[c], %[a]\n"
		"	shr $3, %[c]\n"
		"	or $1, %[b]\n"
		"	imul %[b], %[c]\n"
		"	add %[c], %[b]\n"
		"	not %[a]\n"
		"	dec %[n]\n"
		"	jnz 1b\n"
		: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [n] "+r"(n) : : "cc");
	return a ^ b ^ c;
}

/* 10 a turn, of which 2 load and 2 store, in 16 pages */
static uint64_t memory(void)
{
	uint64_t a = 1, b = 2, i = 0, n = TURNS;

	__asm__ volatile("1:	mov (%[p],%[i],8), %[a]\n"
		"	add %[a], %[b]\n"
		"	mov %[b], (%[p],%[i],8)\n"
		"	movzbl (%[p],%[i]), %k[a]\n"
		"	xor %[a], %[b]\n"
		"	movb %b[b], 8(%[p],%[i],8)\n"
		"	add $509, %[i]\n"
		"	and $8191, %k[i]\n"
		"	dec %[n]\n"
		"	jnz 1b\n"
		: [a] "+q"(a), [b] "+q"(b), [i] "+r"(i), [n] "+r"(n) : [p] "r"(words) : "cc", "memory");
	return a ^ b;
}

/* 12 a turn, whichever way it goes */
static uint64_t branches(void)
{
	uint64_t a = 1, b = 2, c = 3, n = TURNS;

	__asm__ volatile("1:	imul $1103515245, %[a], %[a]\n"
		"	add $12345, %[a]\n"
		"	test $0x10000, %k[a]\n"
		"	jz 2f\n"
		"	add $3, %[b]\n"
		"	jmp 3f\n"
		"2:	sub $1, %[b]\n"
		"	nop\n"
		"3:	cmp %[b], %[c]\n"
		"	jae 4f\n"
		"	lea 1(%[b]), %[c]\n"
		"	jmp 5f\n"
		"4:	inc %[c]\n"
		"	nop\n"
		"5:	dec %[n]\n"
		"	jnz 1b\n"
		: [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [n] "+r"(n) : : "cc");
	return a ^ b ^ c;
}

/* 17 a turn: 3 calls */
static uint64_t calls(void)
{
	uint64_t a = 1, b = 2, n = TURNS;

	/* the compiler may keep something below the stack pointer */
	__asm__ volatile("	lea -128(%%rsp), %%rsp\n"
		"1:	call 2f\n"
		"	call 3f\n"
		"	dec %[n]\n"
		"	jnz 1b\n"
		"	jmp 4f\n"
		"2:	push %[a]\n"
		"	lea 1(%[b]), %[b]\n"
		"	pop %[a]\n"
		"	ret\n"
		"3:	push %[b]\n"
		"	call 2b\n"
		"	pop %[b]\n"
		"	add %[b], %[a]\n"
		"	ret\n"
		"4:	lea 128(%%rsp), %%rsp\n"
		: [a] "+r"(a), [b] "+r"(b), [n] "+r"(n) : : "cc", "memory");
	return a ^ b;
}

/* 12 a turn, of which 10 are SSE2 */
static uint64_t sse(void)
{
	static const double factors[4] = { 0.75, 0.5, 1, 2 };
	uint64_t n = TURNS;

	words[0] = words[1] = words[3] = words[5] = 0;
	words[2] = 0x0123456789abcdef;
	words[4] = 1;
	__asm__ volatile("	movupd (%[f]), %%xmm1\n"
		"	movupd 16(%[f]), %%xmm2\n"
		"	movdqa 32(%[p]), %%xmm4\n"
		"1:	movapd (%[p]), %%xmm0\n"
		"	mulpd %%xmm1, %%xmm0\n"
		"	addpd %%xmm2, %%xmm0\n"
		"	movapd %%xmm0, (%[p])\n"
		"	movdqa 16(%[p]), %%xmm3\n"
		"	paddd %%xmm4, %%xmm3\n"
		"	pshufd $0x39, %%xmm3, %%xmm5\n"
		"	pxor %%xmm5, %%xmm4\n"
		"	psrld $1, %%xmm5\n"
		"	movdqa %%xmm3, 16(%[p])\n"
		"	dec %[n]\n"
		"	jnz 1b\n"
		: [n] "+r"(n) : [p] "r"(words), [f] "r"(factors)
		: "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5");
	return words[0] ^ words[1] ^ words[2] ^ words[3];
}

static const struct kind {
	const char *name;
	uint64_t (*run)(void);
	int instructions;
} kinds[] = {
	{ "integers", integers, 12 }, { "memory", memory, 10 }, { "branches", branches, 12 }, { "calls", calls, 17 },
	{ "sse", sse, 12 },
};

static long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Runs for so long, in whole rounds. Returns how long the fastest took. */
static long long repeat(const struct kind *kind, long long most, uint64_t *result)
{
	long long least = INT64_MAX, began = nanoseconds(), start, end;

	do {
		memset(words, 1, sizeof words);
		start = nanoseconds();
		*result = kind->run();
		end = nanoseconds();
		if (end - start < least)
			least = end - start;
	} while (end - began < most);
	return least;
}

int main(int count, char **arguments)
{
	long long warm = count > 1 ? atoll(arguments[1]) : 1, counts = count > 2 ? atoll(arguments[2]) : 1;

	for (const struct kind *kind = kinds; kind < kinds + sizeof kinds / sizeof *kinds; kind++) {
		uint64_t result;
		long long least;

		repeat(kind, warm * 1000000000, &result);
		least = repeat(kind, counts * 1000000000, &result);
		printf("instructions: %s %d %lld %016llx\n", kind->name, TURNS * kind->instructions, least,
			(unsigned long long)result);
		fflush(stdout);
	}
	return 0;
}
