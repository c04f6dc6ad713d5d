package vmhi.softcpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Fault;
import vmhi.softcpu.core.Machine;
import vmhi.softcpu.core.Op;
import vmhi.softcpu.fp.SseMath;
import vmhi.tck.memory.TestMemory;

/** The short ways of arithmetic against the long one, results and MXCSR, at values where they could part. */
class SseSupportTest {
	private static final long UPPER = 0xffff_ffff_0000_0000L;
	private static final long SIGN = Long.MIN_VALUE;
	/** With and without PE noted, each way of rounding, DAZ, FZ, and each exception not masked. */
	private static final int[] MODES = { 0x1fa0, 0x1f80, 0x3fa0, 0x5fa0, 0x7fa0, 0x1fe0, 0x9fa0, 0x1f20, 0x1ea0, 0x1da0,
			0x1ba0, 0x17a0, 0x0fa0 };

	private final Cpu cpu = new Machine(
			new CpuSetup("test", new TestMemory(0x1000), List.of(new CpuidTable(List.of())), List.of(), false),
			null).cpus[0];
	private final Random random = new Random(17);

	private interface Short {
		long apply(Cpu c, long a, long b);
	}

	private interface Long64 {
		long apply(SseMath math, long a, long b);
	}

	/** Of each exponent that is near an end or the middle, some significands; and zeros. */
	private long number() {
		int[] exponents = { 0, 1, 2, 3, 4, 52, 53, 511, 512, 970, 1022, 1023, 1024, 1075, 1076, 1535, 1536, 2043, 2044,
				2045, 2046, 2047 };
		long[] significands = { 0, 1, 1L << 51, (1L << 52) - 1, 1L << 29, 1L << 28, 0x8_0000_0000_0001L,
				random.nextLong() & (1L << 52) - 1 };
		return (random.nextBoolean() ? SIGN : 0) | (long) exponents[random.nextInt(exponents.length)] << 52
				| significands[random.nextInt(significands.length)];
	}

	/** The same of a single, below anything. */
	private long single() {
		int[] exponents = { 0, 1, 2, 3, 4, 23, 24, 63, 64, 103, 126, 127, 128, 150, 151, 157, 158, 159, 190, 191, 251,
				252, 253, 254, 255 };
		int[] significands = { 0, 1, 1 << 22, (1 << 23) - 1, 1 << 11, 0x8_0001, random.nextInt() & (1 << 23) - 1 };
		int bits = (random.nextBoolean() ? 1 << 31 : 0) | exponents[random.nextInt(exponents.length)] << 23
				| significands[random.nextInt(significands.length)];
		return random.nextLong() & UPPER | bits & 0xffff_ffffL;
	}

	private void compare(String name, long a, long b, Short tried, Long64 reference) {
		for (int mode : MODES) {
			SseMath math = new SseMath();
			math.mxcsr = mode;
			long expected = reference.apply(math, a, b);
			boolean faults = math.faults();
			cpu.sse.mxcsr = mode;
			String what = String.format("%s %x %x, MXCSR %x", name, a, b, mode);
			try {
				long result = tried.apply(cpu, a, b);
				assertEquals(false, faults, what);
				assertEquals(expected, result, what);
			} catch (Fault fault) {
				assertEquals(true, faults, what);
			}
			assertEquals(math.mxcsr, cpu.sse.mxcsr, what);
			assertEquals(0, cpu.sse.raised, what);
		}
	}

	@Test
	void doublesAreWhatTheLongWayMakesOfThem() {
		for (int i = 0; i < 8_000; i++) {
			long a = number(), b = number();
			compare("add", a, b, SseSupport::add, SseMath::add64);
			compare("subtract", a, b, SseSupport::subtract, SseMath::sub64);
			compare("multiply", a, b, SseSupport::multiply, SseMath::mul64);
			compare("divide", a, b, SseSupport::divide, SseMath::div64);
			compare("root", a, b, SseSupport::root, (m, x, y) -> m.sqrt64(y));
			compare("min", a, b, SseSupport::min, SseMath::min64);
			compare("max", a, b, SseSupport::max, SseMath::max64);
			compare("compare", a, b, (c, x, y) -> SseSupport.compare(c, x, y, false),
					(m, x, y) -> m.comis64(x, y, false));
			compare("quiet", a, b, (c, x, y) -> SseSupport.compare(c, x, y, true), (m, x, y) -> m.comis64(x, y, true));
		}
	}

	@Test
	void singlesAreWhatTheLongWayMakesOfThemAndKeepWhatIsAbove() {
		for (int i = 0; i < 8_000; i++) {
			long a = single(), b = single();
			compare("add", a, b, SseSupport::addSingle, (m, x, y) -> above(x, m.add32((int) x, (int) y)));
			compare("subtract", a, b, SseSupport::subtractSingle, (m, x, y) -> above(x, m.sub32((int) x, (int) y)));
			compare("multiply", a, b, SseSupport::multiplySingle, (m, x, y) -> above(x, m.mul32((int) x, (int) y)));
			compare("divide", a, b, SseSupport::divideSingle, (m, x, y) -> above(x, m.div32((int) x, (int) y)));
			compare("root", a, b, SseSupport::rootSingle, (m, x, y) -> above(x, m.sqrt32((int) y)));
			compare("min", a, b, SseSupport::minSingle, (m, x, y) -> above(x, m.min32((int) x, (int) y)));
			compare("max", a, b, SseSupport::maxSingle, (m, x, y) -> above(x, m.max32((int) x, (int) y)));
			compare("compare", a, b, (c, x, y) -> SseSupport.compareSingle(c, x, y, false),
					(m, x, y) -> m.comis32((int) x, (int) y, false));
			compare("quiet", a, b, (c, x, y) -> SseSupport.compareSingle(c, x, y, true),
					(m, x, y) -> m.comis32((int) x, (int) y, true));
		}
	}

	@Test
	void conversionsAreWhatTheLongWayMakesOfThem() {
		for (int i = 0; i < 8_000; i++) {
			long a = number(), s = single();
			long integer = random.nextLong() >> random.nextInt(64);
			compare("to double", integer, 0, (c, x, y) -> SseSupport.toDouble(c, x), (m, x, y) -> m.longTo64(x));
			compare("to single 8", integer, s, (c, x, y) -> SseSupport.toSingle8(c, y, x),
					(m, x, y) -> above(y, m.longTo32(x)));
			compare("to single 4", (int) integer, s, (c, x, y) -> SseSupport.toSingle4(c, y, x),
					(m, x, y) -> above(y, m.intTo32((int) x)));
			compare("to integer 4", a, 0, (c, x, y) -> SseSupport.toInteger4(c, x), (m, x, y) -> m.toInt64(x, true));
			compare("to integer 8", a, 0, (c, x, y) -> SseSupport.toInteger8(c, x), (m, x, y) -> m.toLong64(x, true));
			compare("single to integer 4", s, 0, (c, x, y) -> SseSupport.singleToInteger4(c, x),
					(m, x, y) -> m.toInt32((int) x, true));
			compare("single to integer 8", s, 0, (c, x, y) -> SseSupport.singleToInteger8(c, x),
					(m, x, y) -> m.toLong32((int) x, true));
			compare("to double", s, 0, (c, x, y) -> SseSupport.singleToDouble(c, x), (m, x, y) -> m.cvt32to64((int) x));
			compare("to single", a, s, (c, x, y) -> SseSupport.doubleToSingle(c, y, x),
					(m, x, y) -> above(y, m.cvt64to32(x)));
		}
	}

	@Test
	void packedDoublesNoteTheExceptionsOfBoth() {
		for (int i = 0; i < 8_000; i++) {
			long low = number(), high = number(), a = number(), b = number();
			compare("packed", a, b, (c, x, y) -> {
				c.xmm[2] = x;
				c.xmm[3] = low;
				c.xmm[4] = y;
				c.xmm[5] = high;
				SseSupport.packed(c, Op.VADD + 1, 2, 4);
				return c.xmm[2] ^ 31 * c.xmm[3];
			}, (m, x, y) -> {
				long first = m.add64(x, y);
				return first ^ 31 * m.add64(low, high);
			});
		}
	}

	private static long above(long before, int low) {
		return before & UPPER | low & 0xffff_ffffL;
	}

	@Test
	void integersSideBySideAreWhatEachIsAlone() {
		for (int i = 0; i < 50_000; i++) {
			long a = random.nextLong();
			long b = random.nextInt(3) == 0 ? a ^ 0xffL << random.nextInt(57) : random.nextLong();
			for (int size = 1; size <= 4; size *= 2) {
				long sum = 0, difference = 0, equal = 0, greater = 0;
				for (int at = 0; at < 64; at += 8 * size) {
					long mask = -1L >>> 64 - 8 * size << at;
					long x = a << 64 - 8 * size - at >> 64 - 8 * size, y = b << 64 - 8 * size - at >> 64 - 8 * size;
					sum |= x + y << at & mask;
					difference |= x - y << at & mask;
					equal |= x == y ? mask : 0;
					greater |= x > y ? mask : 0;
				}
				String what = String.format("%x %x", a, b);
				assertEquals(sum, size == 1 ? SseSupport.add1(a, b)
						: size == 2 ? SseSupport.add2(a, b)
								: SseSupport.add4(a, b),
						what);
				assertEquals(difference, size == 1 ? SseSupport.subtract1(a, b)
						: size == 2 ? SseSupport.subtract2(a, b)
								: SseSupport.subtract4(a, b),
						what);
				assertEquals(equal, size == 1 ? SseSupport.equal1(a, b)
						: size == 2 ? SseSupport.equal2(a, b)
								: SseSupport.equal4(a, b),
						what);
				assertEquals(greater, size == 1 ? SseSupport.greater1(a, b)
						: size == 2 ? SseSupport.greater2(a, b)
								: SseSupport.greater4(a, b),
						what);
			}
		}
	}
}
