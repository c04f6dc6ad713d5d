package vmhi.core.state;

import java.time.Instant;

import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;

/**
 * What is kept of a machine while the host is down.
 *
 * @param id of the machine, for its whole life: {@code A-Z a-z 0-9 _ -}, at most 64 characters
 * @param state as it was last; a machine that was running then isn't any more
 * @param reason why it was in this state; {@code ""} where there was nothing to say
 * @param status that the guest had ended with
 * @param since when it had come into this state
 */
public record Stored(String id, MachineSpec spec, Instant defined, MachineState state, String reason, int status,
		Instant since) {

	/** The same machine in another state. */
	public Stored in(MachineState next, String why, int ended, Instant when) {
		return new Stored(id, spec, defined, next, why, ended, when);
	}

	/** The same machine with another specification. */
	public Stored with(MachineSpec next) {
		return new Stored(id, next, defined, state, reason, status, since);
	}
}
