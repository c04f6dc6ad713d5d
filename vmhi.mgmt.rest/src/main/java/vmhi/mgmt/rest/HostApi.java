package vmhi.mgmt.rest;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Job;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Plugins;

/** The host as a whole, and its audit log. */
final class HostApi {

	/**
	 * The host as JSON.
	 *
	 * @param versions of Java, and of the bundles whose names begin with {@code vmhi.}
	 * @param machines how many in which state
	 * @param jobs how many in which state
	 * @param plugins how many bundles
	 */
	private record Host(Map<String, String> versions, Map<String, HostVerdict> cpus, Map<MachineState, Long> machines,
			Map<Job.State, Long> jobs, int plugins, long firstEvent, long lastEvent) {}

	List<Route> routes() {
		return List.of(
				Route.get("/health", null, x -> Reply.json(200, Map.of("status", "ok"))),
				Route.get("", Permission.VIEW, x -> Reply.json(200, host(x.host()))),
				Route.get("/audit", Permission.AUDIT, HostApi::audit, "most"));
	}

	private static Host host(Hypervisor host) {
		List<Plugins.Plugin> plugins = host.plugins().list();
		Map<String, String> versions = new TreeMap<>();
		versions.put("java", Runtime.version().toString());
		for (Plugins.Plugin plugin : plugins)
			if (plugin.name().startsWith("vmhi."))
				versions.merge(plugin.name(), plugin.version(), (one, other) -> one + ", " + other);
		return new Host(versions, host.cpus(),
				count(MachineState.values(), host.machines().list(), MachineSnapshot::state),
				count(Job.State.values(), host.jobs().list(), Job.Snapshot::state),
				plugins.size(), host.events().first(), host.events().last());
	}

	/** All states are there, also those that nothing is in. */
	private static <T, S extends Enum<S>> Map<S, Long> count(S[] states, List<T> things, Function<T, S> state) {
		Map<S, Long> counted = things.stream().collect(Collectors.groupingBy(state, Collectors.counting()));
		return Arrays.stream(states).collect(Collectors.toMap(s -> s, s -> counted.getOrDefault(s, 0L),
				(one, other) -> one, TreeMap::new));
	}

	private static Answer audit(Exchange x) throws Problem {
		return Reply.json(200, Map.of("entries", x.host().audit((int) x.number("most", 100, 1, 1000))));
	}
}
