package vmhi.api.machine;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/** All machines of this host. For any thread. */
@ProviderType
public interface Machines {

	/** All of them as they are now, by name, without waiting. */
	List<MachineSnapshot> list();

	/**
	 * One of them.
	 *
	 * @param nameOrId its name or id
	 * @throws MachineException of kind {@code NOT_FOUND}
	 */
	Machine get(String nameOrId) throws MachineException;

	/**
	 * Defines a machine; it is lasting when this returns.
	 *
	 * @throws MachineException of kind {@code CONFLICT} if the name is taken, {@code INVALID} if the specification
	 *         contradicts itself
	 */
	Machine define(MachineSpec spec) throws MachineException;

	/** Changes the specification of a machine, from its next start on. The name stays. */
	Machine redefine(String nameOrId, MachineSpec spec) throws MachineException;

	/**
	 * Forgets a machine that is not running. Its disks stay.
	 *
	 * @throws MachineException of kind {@code CONFLICT} while it is running or paused
	 */
	void delete(String nameOrId) throws MachineException;
}
