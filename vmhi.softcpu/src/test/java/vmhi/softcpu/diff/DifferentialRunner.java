package vmhi.softcpu.diff;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.softcpu.diff.Differential.Difference;

/**
 * The long form of the differential test, from the command line: see {@code docs/softcpu-testing.md}. Properties:
 * {@code vmhi.diff.count}, {@code vmhi.diff.seed}, {@code vmhi.diff.case} for one case again, {@code vmhi.diff.tested}
 * for another backend than the software one.
 */
public final class DifferentialRunner {
	/** Stops after so many differences: the rest is likely to be the same. */
	private static final int MOST_DIFFERENCES = Integer.getInteger("vmhi.diff.most", 20);

	private DifferentialRunner() {}

	/** Ends with 1 if there was a difference, with 2 if a backend is missing. */
	public static void main(String[] arguments) throws CpuException {
		Optional<CpuBackend> reference = Backends.kvm();
		boolean ofKvm = "kvm".equals(System.getProperty("vmhi.diff.tested"));
		Optional<CpuBackend> tested = ofKvm ? Backends.kvm() : Backends.soft();
		if (reference.isEmpty() || tested.isEmpty()) {
			System.err.println("no " + (reference.isEmpty() ? "processor to compare with" : "backend to test"));
			System.exit(2);
		}
		Set<String> features = ofKvm ? Differential.FEATURES.keySet() : Differential.features(tested.get());
		try (Differential differential = new Differential(reference.get(), tested.get(), features)) {
			System.out.println("left out: " + differential.survey.leftOut());
			String replayed = System.getProperty("vmhi.diff.case");
			boolean same = replayed == null
					? run(differential, Long.getLong("vmhi.diff.seed", 1), Long.getLong("vmhi.diff.count", 10_000_000),
							System.out)
					: replay(differential, replayed);
			System.exit(same ? 0 : 1);
		}
	}

	private static boolean replay(Differential differential, String name) throws CpuException {
		String[] parts = name.split(":");
		Difference difference = differential.replay(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
		System.out.println(Report.of(difference));
		return difference.what().isEmpty();
	}

	/** Runs that many cases; seeds follow each other as indexes run out. */
	static boolean run(Differential differential, long seed, long count, PrintStream out) throws CpuException {
		long begin = System.nanoTime();
		int found = 0;
		for (long done = 0; done < count && found < MOST_DIFFERENCES;) {
			int some = (int) Math.min(Layout.MOST_CASES, count - done);
			int first = (int) (done % (1 << 30));
			List<Difference> differences = differential.batch(seed + (done >> 30), first, some);
			for (Difference difference : differences)
				if (found++ < MOST_DIFFERENCES)
					out.println(Report.of(difference));
			done += some;
			if (done % (Layout.MOST_CASES * 64) == 0 || done == count)
				out.printf("%d cases, %d differences, %d faults, %d glitches of the reference, %d s%n", done, found,
						differential.faults(), differential.glitches(), (System.nanoTime() - begin) / 1_000_000_000L);
		}
		return found == 0;
	}
}
