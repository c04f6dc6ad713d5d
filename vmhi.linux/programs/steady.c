/*
 * For tests that exchange what executes a guest, while it works. Threads, a number of them, compute round after round
 * until a line is typed: integers in pages that are new each time, SSE both scalar and packed, x87. A round's result
 * depends on its number alone, and whoever tests can compute it too. Meanwhile a timer's signals use the same registers,
 * and threads look whether the clock goes backwards, for one of them or between two. Prints
 *
 *   steady: began REALTIME MONOTONIC                                  milliseconds
 *   steady: THREAD ROUND RESULT                                       hexadecimal, of each round
 *   steady: ended REALTIME MONOTONIC SIGNALS FAULTS BACKWARDS
 */
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

enum { WORDS = 1 << 14, STEPS = 50000, PARTS = 2, MOST_THREADS = 16 };

typedef uint32_t lanes __attribute__((vector_size(16)));

static atomic_llong latest;
static atomic_long backwards, signals;
static atomic_int over;

static long long nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* What any thread was told before is not later than what this one is told now. */
static void look_at_clock(void)
{
	long long before = atomic_load(&latest);
	long long now = nanoseconds(CLOCK_MONOTONIC);

	if (now < before)
		atomic_fetch_add(&backwards, 1);
	while (now > before && !atomic_compare_exchange_weak(&latest, &before, now))
		;
}

static uint64_t integers(uint64_t x)
{
	uint64_t sum = 0;
	uint64_t *words = mmap(NULL, WORDS * sizeof *words, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (words == MAP_FAILED)
		abort();
	for (int i = 0; i < WORDS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		words[i] = x;
	}
	for (int i = 0; i < WORDS; i++)
		sum = (sum << 5 | sum >> 59) + words[(i * 4099) % WORDS];
	munmap(words, WORDS * sizeof *words);
	return sum;
}

static uint64_t scalar(uint64_t seed, int steps)
{
	double x = 1 + seed % 1000 / 1000.0, y = 0.5;
	uint64_t bits;

	for (int i = 0; i < steps; i++) {
		y = sqrt(x * x + y) / 1.75;
		x = x * 0.75 + 1 / (1 + y);
	}
	x += y;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static uint64_t packed(uint64_t seed)
{
	uint32_t s = seed;
	lanes a = { s, s + 1, s + 2, s + 3 };

	for (int i = 0; i < STEPS; i++) {
		a ^= a << 13;
		a ^= a >> 17;
		a ^= a << 5;
		a += (lanes){ 1, 3, 5, 7 };
	}
	return (uint64_t)(a[0] ^ a[2]) << 32 | (a[1] + a[3]);
}

/* Exact: the product has fewer than 64 bits. */
static uint64_t extended(uint64_t seed)
{
	long double x = 1 + seed % 1000;

	for (int i = 0; i < STEPS / 4; i++)
		x = fmodl(x * 48271, 2147483647);
	return x;
}

static uint64_t round_of(int thread, uint64_t number)
{
	uint64_t result = 0;

	for (int part = 0; part < PARTS; part++) {
		uint64_t seed = (number * MOST_THREADS + thread) * PARTS + part + 1;

		result = result * 31 + integers(seed);
		look_at_clock();
		result = result * 31 + scalar(seed, STEPS);
		look_at_clock();
		result = result * 31 + packed(seed);
		look_at_clock();
		result = result * 31 + extended(seed);
		look_at_clock();
	}
	return result;
}

static void *work(void *argument)
{
	int thread = (intptr_t)argument;

	for (uint64_t number = 0; !atomic_load(&over); number++) {
		uint64_t result = round_of(thread, number);

		printf("steady: %d %llu %016llx\n", thread, (unsigned long long)number, (unsigned long long)result);
	}
	return NULL;
}

/* Uses what the interrupted code has in use. */
static void on_signal(int signal)
{
	static volatile uint64_t sink;

	(void)signal;
	sink = scalar(1, 100) ? 0 : 1;
	for (long double x = 1; x < 100; x *= 1.1L)
		sink += x;
	atomic_fetch_add(&signals, 1);
}

int main(int count, char **words)
{
	int threads = count > 1 ? atoi(words[1]) : 1;
	pthread_t all[MOST_THREADS];
	sigset_t alarm;
	struct itimerval timer = { { 0, 10000 }, { 0, 10000 } };
	struct pollfd input = { .fd = 0, .events = POLLIN };
	struct rusage usage;

	if (threads < 1 || threads > MOST_THREADS)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("steady: began %lld %lld\n", nanoseconds(CLOCK_REALTIME) / 1000000, nanoseconds(CLOCK_MONOTONIC) / 1000000);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_signal, .sa_flags = SA_RESTART }, NULL);
	for (int i = 0; i < threads; i++)
		pthread_create(&all[i], NULL, work, (void *)(intptr_t)i);
	/* to the threads that work, not to this one */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (poll(&input, 1, 20) == 0)
		look_at_clock();
	atomic_store(&over, 1);
	for (int i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	getrusage(RUSAGE_SELF, &usage);
	printf("steady: ended %lld %lld %ld %ld %ld\n", nanoseconds(CLOCK_REALTIME) / 1000000,
		nanoseconds(CLOCK_MONOTONIC) / 1000000, atomic_load(&signals), usage.ru_minflt, atomic_load(&backwards));
	return 0;
}
