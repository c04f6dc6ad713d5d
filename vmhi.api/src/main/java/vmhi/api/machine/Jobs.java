package vmhi.api.machine;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/** Jobs of this host, those that are over being kept for a while. For any thread. */
@ProviderType
public interface Jobs {

	/** All that are kept, the newest first. */
	List<Job.Snapshot> list();

	/** @throws MachineException of kind {@code NOT_FOUND} */
	Job get(String id) throws MachineException;
}
