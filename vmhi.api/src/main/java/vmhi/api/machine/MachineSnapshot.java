package vmhi.api.machine;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A machine at one moment.
 *
 * @param id of the machine, for its whole life
 * @param revision number of the last {@link Event} that is in it
 * @param reason why it is in this state, for people; {@code ""} where there is nothing to say
 * @param status that the guest ended with, 0 for an orderly end; meaningful in {@code STOPPED}
 * @param since when it came into this state
 * @param backend kind of the CPU backend that runs it; {@code ""} while it isn't running or paused
 * @param plugins what serves it now, by the words of {@link MachineSpec#plugins}; empty while it isn't running or paused
 * @param counters since its start, by names such as {@code exits.port}
 * @param consoles names of its consoles
 * @param guestIdentity what the guest said it is by hypercall, 0 if it did not
 */
public record MachineSnapshot(String id, long revision, MachineSpec spec, MachineState state, String reason, int status,
		Instant since, String backend, List<Serving> plugins, Map<String, Long> counters, List<String> consoles,
		long guestIdentity) {

	/** The collections are kept as they are now. */
	public MachineSnapshot {
		plugins = List.copyOf(plugins);
		counters = Map.copyOf(counters);
		consoles = List.copyOf(consoles);
	}

	/** The machine's name. */
	public String name() {
		return spec.name();
	}

	/**
	 * A plug-in that serves a machine.
	 *
	 * @param role for example {@code disk:raw}
	 * @param bundle symbolic name
	 * @param present whether it is there now, or the machine waits for the next one
	 */
	public record Serving(String role, String bundle, String version, boolean present) {}
}
