package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code programs/steady.c} prints, and what is right: its rounds, computed once more. The names are those of the
 * program.
 */
final class Steady {
	private static final int WORDS = 1 << 14, STEPS = 50_000, PARTS = 2, MOST_THREADS = 16;
	private static final Pattern ROUND = Pattern.compile("steady: ([0-9]+) ([0-9]+) ([0-9a-f]{16})");
	private static final Pattern TIMES = Pattern.compile("(?s)steady: began [0-9]+ ([0-9]+)\n.*"
			+ "steady: ended ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+)\n");

	/**
	 * From its first line to its last.
	 *
	 * @param seconds that it took, by the clock that nobody sets
	 * @param realtime at the end, in milliseconds since 1970
	 * @param backwards how often a thread was told a time before one that it or another was told already
	 */
	record Times(double seconds, long realtime, long signals, long faults, long backwards) {}

	private Steady() {}

	static Times times(String text) {
		Matcher m = TIMES.matcher(text);
		assertTrue(m.find(), text);
		return new Times((Long.parseLong(m.group(3)) - Long.parseLong(m.group(1))) / 1e3, Long.parseLong(m.group(2)),
				Long.parseLong(m.group(4)), Long.parseLong(m.group(5)), Long.parseLong(m.group(6)));
	}

	/** Looks at each round: none is missing, and all results are right. @return how many there are */
	static int check(String text, int threads) {
		int[] next = new int[threads];
		int rounds = 0;
		for (Matcher m = ROUND.matcher(text); m.find(); rounds++) {
			int thread = Integer.parseInt(m.group(1)), number = next[thread]++;
			assertEquals(number, Integer.parseInt(m.group(2)), () -> m.group() + " is not the next of its thread");
			assertEquals("%016x".formatted(round(thread, number)), m.group(3), m::group);
		}
		assertEquals(text.lines().filter(line -> line.matches("steady: [0-9].*")).count(), rounds, text);
		assertTrue(Arrays.stream(next).allMatch(n -> n > 0), "a thread did nothing");
		return rounds;
	}

	private static long round(int thread, long number) {
		long result = 0;
		for (int part = 0; part < PARTS; part++) {
			long seed = (number * MOST_THREADS + thread) * PARTS + part + 1;
			result = result * 31 + integers(seed);
			result = result * 31 + scalar(seed);
			result = result * 31 + packed(seed);
			result = result * 31 + extended(seed);
		}
		return result;
	}

	private static long integers(long seed) {
		long[] words = new long[WORDS];
		long x = seed, sum = 0;
		for (int i = 0; i < WORDS; i++) {
			x ^= x << 13;
			x ^= x >>> 7;
			x ^= x << 17;
			words[i] = x;
		}
		for (int i = 0; i < WORDS; i++)
			sum = Long.rotateLeft(sum, 5) + words[i * 4099 % WORDS];
		return sum;
	}

	private static long scalar(long seed) {
		double x = 1 + seed % 1000 / 1000.0, y = 0.5;
		for (int i = 0; i < STEPS; i++) {
			y = Math.sqrt(x * x + y) / 1.75;
			x = x * 0.75 + 1 / (1 + y);
		}
		return Double.doubleToRawLongBits(x + y);
	}

	private static long packed(long seed) {
		int[] a = new int[4];
		for (int lane = 0; lane < 4; lane++) {
			int x = (int) seed + lane;
			for (int i = 0; i < STEPS; i++) {
				x ^= x << 13;
				x ^= x >>> 17;
				x ^= x << 5;
				x += 2 * lane + 1;
			}
			a[lane] = x;
		}
		return Integer.toUnsignedLong(a[0] ^ a[2]) << 32 | Integer.toUnsignedLong(a[1] + a[3]);
	}

	private static long extended(long seed) {
		long x = 1 + seed % 1000;
		for (int i = 0; i < STEPS / 4; i++)
			x = x * 48271 % 2147483647;
		return x;
	}
}
