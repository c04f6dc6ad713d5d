package vmhi.launcher;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.machine.MachineSpec.Device;

/**
 * Which CPU backend a machine from the command line gets, and what its board needs on account of that. The choice is made
 * here, and written into the specification, because the board depends on it.
 */
final class BackendChoice {
	private static final String OPEN = "auto";

	/**
	 * Backends that are known to bring interrupt controllers of their own. A machine without such a device then uses
	 * theirs, which are faster; one with it runs on any backend, and on these too.
	 */
	private static final List<String> WITH_CHIPS = List.of("kvm");

	/** The order for a guest that may be an operating system, which is that of the verdicts. */
	static final List<Fitness> FOR_ANY_GUEST = List.of(Fitness.FAST, Fitness.SLOW, Fitness.LIMITED);

	/** The order for a guest that is known to be small: it runs at full speed where an operating system would not. */
	static final List<Fitness> FOR_SMALL_GUESTS = List.of(Fitness.FAST, Fitness.LIMITED, Fitness.SLOW);

	private BackendChoice() {}

	/**
	 * The kind that is asked for; or, if that is left open, the best in this order. It stays open if there is none, for
	 * the core to say why.
	 */
	static String of(String asked, Map<String, HostVerdict> cpus, List<Fitness> order) {
		if (!asked.equals(OPEN))
			return asked;
		return cpus.entrySet().stream().filter(cpu -> order.contains(cpu.getValue().fitness()))
				.min(Comparator
						.comparing((Map.Entry<String, HostVerdict> cpu) -> order.indexOf(cpu.getValue().fitness()))
						.thenComparing(Map.Entry::getKey))
				.map(Map.Entry::getKey).orElse(OPEN);
	}

	/** The devices that a board needs for a backend, at its beginning. */
	static List<Device> devices(String kind) {
		return kind.equals(OPEN) || WITH_CHIPS.contains(kind)
				? List.of()
				: List.of(new Device("irqchip", "irqchip", Map.of()));
	}
}
