package vmhi.hypercall;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Supplier;

import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.Status;

/** Calls every function of a range with the arguments that a hostile guest would try. */
final class Boundaries {
	private static final long[] VALUES = { 0, 1, 2, 8, 4095, 4096, 4097, 1023, 1024, 1025, FakeHost.RAM - 1,
			FakeHost.RAM, FakeHost.RAM - 32, (1L << 31) - 1, 1L << 31, (1L << 31) + 1, (1L << 32) - 1, 1L << 32,
			(1L << 52) - 1, 1L << 52, (1L << 52) + 1, Long.MAX_VALUE, Long.MIN_VALUE, -4096, -1 };
	private static final int RANDOM_CALLS = 100_000;

	private Boundaries() {}

	/** All pairs and triples of boundary values, and many random calls. */
	static void tryAll(RangeInfo info, RangeHandler handler, Supplier<FakeHost> host) {
		for (RangeInfo.Function function : info.functions())
			for (long first : VALUES)
				for (long second : VALUES)
					for (long third : VALUES)
						for (int bits : new int[] { 32, 64 })
							check(handler, function.number(), bits,
									new FakeCall(host.get(), first, second, third, second, first));

		Random random = new Random(20);
		for (int i = 0; i < RANDOM_CALLS; i++) {
			long[] arguments = random.longs(5).map(value -> value >>> (value & 63)).toArray();
			for (int j = 0; j < arguments.length; j++)
				if (random.nextBoolean())
					arguments[j] = VALUES[random.nextInt(VALUES.length)];
			check(handler, random.nextInt(20), random.nextBoolean() ? 64 : 32, new FakeCall(host.get(), arguments));
		}
	}

	private static void check(RangeHandler handler, int function, int bits, FakeCall call) {
		call.bits = bits;
		int status = handler.call(function, call);
		assertTrue(status >= Status.VERSION && status <= Status.AGAIN, () -> "status " + status);
	}
}
