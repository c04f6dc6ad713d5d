package vmhi.softcpu.diff;

import java.util.Arrays;
import java.util.Optional;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.RunEnd;

/**
 * Random bytes as guest code, the long form from the command line: see {@code docs/softcpu-testing.md}. Properties:
 * {@code vmhi.random.count}, {@code vmhi.random.seed}, {@code vmhi.random.case} for one again.
 */
public final class RandomCodeRunner {
	private static final int HANG_MILLIS = 10_000, STEP = 100_000;

	private RandomCodeRunner() {}

	/** Ends with 1 if something was found, with 2 if there is no backend. */
	public static void main(String[] arguments) throws InterruptedException {
		Optional<CpuBackend> tested = Backends.soft();
		if (tested.isEmpty()) {
			System.err.println("no backend to test");
			System.exit(2);
		}
		String again = System.getProperty("vmhi.random.case");
		long seed = Long.getLong("vmhi.random.seed", 1);
		long count = Long.getLong("vmhi.random.count", 1_000_000);
		if (again != null) {
			String[] parts = again.split(":");
			seed = Long.parseLong(parts[0]);
			System.exit(run(tested.get(), seed, Long.parseLong(parts[1]), Long.parseLong(parts[1]) + 1));
		}
		for (long done = 0; done < count; done += STEP) {
			int result = run(tested.get(), seed, done, Math.min(done + STEP, count));
			if (result != 0)
				System.exit(result);
		}
		System.exit(0);
	}

	private static int run(CpuBackend tested, long seed, long first, long end) throws InterruptedException {
		RandomCode code = new RandomCode(tested, HANG_MILLIS);
		String failure = code.run(seed, first, end);
		System.out.printf("cases up to %d: %s %s%n", end, Arrays.toString(RunEnd.values()),
				Arrays.toString(code.ends()));
		if (failure != null)
			System.out.println(failure);
		return failure == null ? 0 : 1;
	}
}
