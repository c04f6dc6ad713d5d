package vmhi.api.mgmt;

import java.io.InputStream;
import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

import vmhi.api.machine.MachineException;

/**
 * The bundles this host is put together from. For any thread; changes are carried out one after the other, and machines
 * that run go on.
 */
@ProviderType
public interface Plugins {

	/** All of them, in the order in which they were installed. */
	List<Plugin> list();

	/**
	 * Installs and starts a bundle.
	 *
	 * @param jar read to its end and closed
	 * @throws MachineException of kind {@code INVALID} if it is not a bundle, is there already in this version, or does
	 *         not resolve, saying what it lacks; nothing is then left of it
	 */
	Plugin install(InputStream jar) throws MachineException;

	/**
	 * Puts another version of a bundle in its place. If the new one does not start, the old one is put back.
	 *
	 * @throws MachineException as {@link #install}; also of kind {@code INVALID} if the jar is of another bundle
	 */
	Plugin update(long id, InputStream jar) throws MachineException;

	/** Stops and removes a bundle. Machines that use it wait for the next one. */
	void remove(long id) throws MachineException;

	/**
	 * One of them.
	 *
	 * @param id for its stay on this host
	 * @param state for example {@code ACTIVE}, in the words of OSGi
	 * @param provides for example {@code vmhi.vdisk.format=raw}
	 * @param machines names of the machines that it serves now
	 */
	record Plugin(long id, String name, String version, String description, String state, List<String> provides,
			List<String> machines) {

		/** The lists are kept as they are now. */
		public Plugin {
			provides = List.copyOf(provides);
			machines = List.copyOf(machines);
		}
	}
}
