package vmhi.softcpu.diff;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import vmhi.api.cpu.CpuException;

/**
 * Which templates a reference can be asked about. One that raises #UD for an instruction that exists does not have it,
 * or is a hypervisor that interprets code of that mode and does not know it; one that runs what should be illegal has
 * it as an extension.
 *
 * @param wide templates for 64-bit code, {@code narrow} for 32-bit code
 * @param leftOut what the reference cannot be asked about, by mode, name and opcode
 * @param interprets whether the reference interprets an instruction that raises #GP or #SS natively, to find out what
 *        to do, and raises #UD if it does not know it
 * @param interpretsNarrow whether it interprets 32-bit code altogether; it then does not check alignment there
 */
record Survey(List<Template> wide, List<Template> narrow, Set<String> leftOut, boolean interprets,
		boolean interpretsNarrow) {
	private static final int TRIES = 6, SEEDS = 400;
	private static final int UNDEFINED_OPCODE = 6;

	private record Try(Template template, Case given) {}

	/** What interpreters of 32-bit code are known to get wrong rather than refuse. */
	private static final Set<String> MISINTERPRETED = Set.of("bcd", "into", "enter", "movseg", "movq",
			"popf");

	static Survey take(Rig reference, Set<String> features) throws CpuException {
		Set<String> leftOut = new TreeSet<>();
		List<Template> wide = usable(reference, features, true, leftOut);
		List<Template> narrow = usable(reference, features, false, leftOut);
		boolean interpretsNarrow = narrow.stream().noneMatch(template -> template.name.equals("arith"));
		if (interpretsNarrow) {
			for (Template template : narrow)
				if (MISINTERPRETED.contains(template.name))
					leftOut.add(template.id(false));
			narrow.removeIf(template -> MISINTERPRETED.contains(template.name));
		}
		return new Survey(wide, narrow, leftOut, interprets(reference), interpretsNarrow);
	}

	/** ANDPS with an operand that is not aligned: #GP. */
	private static boolean interprets(Rig reference) throws CpuException {
		CaseBuilder into = new CaseBuilder(0, 0, true, true, false);
		into.bytes(0x0f, 0x54, 0x04, 0x25).putInt(Layout.scratch(0) + 1);
		reference.load(into.build());
		reference.run(0, 1);
		return reference.vector(0) == UNDEFINED_OPCODE;
	}

	private static List<Template> usable(Rig reference, Set<String> features, boolean wide, Set<String> leftOut)
			throws CpuException {
		List<Template> usable = new ArrayList<>();
		List<Try> tries = new ArrayList<>();
		Set<Template> accepted = new HashSet<>();
		for (Template template : Templates.all())
			if (wide ? template.wide : template.narrow) {
				usable.add(template);
				if (!template.feature.isEmpty() && !features.contains(template.feature))
					continue;
				addTries(template, wide, tries);
				if (tries.size() > Layout.MOST_CASES - TRIES) {
					ask(reference, tries, accepted);
					tries.clear();
				}
			}
		ask(reference, tries, accepted);
		for (Template template : usable)
			if (!accepted.contains(template))
				leftOut.add(template.id(wide));
		usable.retainAll(accepted);
		return usable;
	}

	private static void addTries(Template template, boolean wide, List<Try> tries) {
		for (int seed = 0, made = 0; made < TRIES && seed < SEEDS; seed++) {
			Case one = Generator.single(template, wide, seed, tries.size());
			if (one != null) {
				tries.add(new Try(template, one));
				made++;
			}
		}
	}

	private static void ask(Rig reference, List<Try> tries, Set<Template> accepted) throws CpuException {
		for (Try each : tries)
			reference.load(each.given());
		Set<Template> stopping = new HashSet<>();
		for (int done = 0; done < tries.size();) {
			done = reference.run(done, tries.size());
			if (done < tries.size())
				stopping.add(tries.get(done++).template());
		}
		for (Try each : tries)
			if (each.template().name.equals("ud") == (reference.vector(each.given().slot()) == UNDEFINED_OPCODE))
				accepted.add(each.template());
		accepted.removeAll(stopping);
	}
}
