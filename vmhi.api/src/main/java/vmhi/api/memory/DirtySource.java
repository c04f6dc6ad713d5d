package vmhi.api.memory;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Somebody who writes guest RAM behind the back of {@link GuestMemory} and can tell where: the set of vCPUs that a CPU
 * backend makes is one. The core asks it; nobody else does. Where the host fails, its methods throw
 * {@link IllegalStateException}.
 */
@ConsumerType
public interface DirtySource {

	/** Turns tracking on or off. When turned on, everything written from then on is noted. */
	void trackDirty(boolean on);

	/** Hands over the pages written since the last call, or since tracking was turned on, and forgets them. */
	void collectDirty(DirtyTracker.PageVisitor visitor);
}
