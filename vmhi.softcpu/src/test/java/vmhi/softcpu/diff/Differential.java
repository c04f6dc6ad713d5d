package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;

/**
 * Runs the same cases on two backends, batch by batch, and compares. Belongs to one thread.
 */
final class Differential implements AutoCloseable {
	static final Map<String, Integer> FEATURES = Map.of("sse3", 0, "pclmulqdq", 1, "ssse3", 9, "cx16", 13, "sse41",
			19, "sse42", 20, "popcnt", 23, "aes", 25); // of CPUID leaf 1, ECX

	private static final int RETRIES = 3;
	/** How often what is tested runs a batch; the last time counts. By then it may have translated what it interpreted. */
	private static final int RUNS = Integer.getInteger("vmhi.diff.runs", 1);

	/** A case that came out in two ways. */
	record Difference(Case given, List<String> what) {}

	final Survey survey;
	private final Rig reference;
	private final Rig tested;
	private final Generator generator;
	private final byte[] one = new byte[RECORD_SIZE], other = new byte[RECORD_SIZE];
	private long faults;
	private long glitches;

	/**
	 * @param features what is tested has, by the names in {@link Templates}. What the reference has is tried: user code
	 *        that runs natively does not care for CPUID.
	 */
	Differential(CpuBackend reference, CpuBackend tested, Set<String> features) throws CpuException {
		this.reference = new Rig("reference", reference, reference.supportedCpuid());
		this.tested = new Rig("tested", tested, tested.supportedCpuid(), Integer.getInteger("vmhi.diff.vcpus", 1));
		this.reference.warmUp();
		this.tested.warmUp();
		survey = Survey.take(this.reference, features);
		generator = new Generator(survey.wide(), survey.narrow(), !survey.interpretsNarrow());
	}

	/** What a backend says that it has. */
	static Set<String> features(CpuBackend backend) throws CpuException {
		CpuidTable table = backend.supportedCpuid();
		int bits = table.find(1, 0).map(Leaf::ecx).orElse(0);
		Set<String> features = new HashSet<>();
		FEATURES.forEach((name, bit) -> {
			if ((bits >> bit & 1) != 0)
				features.add(name);
		});
		return features;
	}

	/** How many cases ended in an exception so far. */
	long faults() {
		return faults;
	}

	/** How often the reference contradicted itself. */
	long glitches() {
		return glitches;
	}

	/** One batch: cases from {@code first} on, which is a multiple of {@link Layout#MOST_CASES}. */
	List<Difference> batch(long seed, int first, int count) throws CpuException {
		Case[] cases = new Case[count];
		for (int i = 0; i < count; i++) {
			cases[i] = generator.make(seed, first + i);
			reference.load(cases[i]);
			tested.load(cases[i]);
		}
		int done = reference.run(0, count);
		int doneTested = runTested(cases);
		List<Difference> differences = new ArrayList<>();
		for (int i = 0; i < Math.min(done, doneTested); i++)
			compare(cases[i], differences);
		if (done != doneTested)
			differences.add(new Difference(cases[Math.min(done, doneTested)],
					List.of("did not come back on " + (done < doneTested ? reference.name : tested.name))));
		else if (done < count)
			differences.add(new Difference(cases[done], List.of("did not come back on either")));
		return differences;
	}

	private int runTested(Case[] cases) throws CpuException {
		int done = tested.run(0, cases.length);
		for (int i = 1; i < RUNS && done == cases.length; i++) {
			tested.awaitTranslator();
			for (Case each : cases)
				tested.load(each);
			done = tested.run(0, cases.length);
		}
		return done;
	}

	/** One case alone, in its slot. */
	Difference replay(long seed, int index) throws CpuException {
		Case given = generator.make(seed, index);
		reference.load(given);
		tested.load(given);
		List<Difference> differences = new ArrayList<>();
		if (reference.run(given.slot(), given.slot() + 1) == given.slot()
				|| runTestedAlone(given) == given.slot())
			return new Difference(given, List.of("did not come back"));
		compare(given, differences);
		return differences.isEmpty() ? new Difference(given, List.of()) : differences.get(0);
	}

	private int runTestedAlone(Case given) throws CpuException {
		int done = tested.run(given.slot(), given.slot() + 1);
		for (int i = 1; i < RUNS && done != given.slot(); i++) {
			tested.awaitTranslator();
			tested.load(given);
			done = tested.run(given.slot(), given.slot() + 1);
		}
		return done;
	}

	/**
	 * A difference counts only if the reference says the same again: a hypervisor that runs user code natively at times
	 * interprets the first instruction on a page, and may not know it. What is tested gets no second try.
	 */
	private void compare(Case given, List<Difference> differences) throws CpuException {
		reference.read(given.slot(), one);
		tested.read(given.slot(), other);
		if ((one[OUT_VECTOR] & 0xff) != NO_FAULT)
			faults++;
		List<String> what = Comparison.differences(given, one, other, survey.interprets());
		for (int i = 0; i < RETRIES && !what.isEmpty(); i++) {
			reference.load(given);
			reference.run(given.slot(), given.slot() + 1);
			reference.read(given.slot(), one);
			tested.read(given.slot(), other);
			what = Comparison.differences(given, one, other, survey.interprets());
			if (what.isEmpty())
				glitches++;
		}
		if (!what.isEmpty())
			differences.add(new Difference(given, what));
	}

	@Override
	public void close() {
		reference.close();
		tested.close();
	}
}
