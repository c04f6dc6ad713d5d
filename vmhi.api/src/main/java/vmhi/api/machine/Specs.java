package vmhi.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/** Machine specifications as JSON. For any thread. */
@ProviderType
public interface Specs {

	/**
	 * Reads a specification, strictly: a field that is unknown, missing, of the wrong type or out of range is refused.
	 *
	 * @throws MachineException of kind {@code INVALID}; its message begins with the path of the field, for example
	 *         {@code disks[0].format: missing}
	 */
	MachineSpec read(String json) throws MachineException;

	/** Writes a specification so that {@link #read} gives an equal one. */
	String write(MachineSpec spec);
}
