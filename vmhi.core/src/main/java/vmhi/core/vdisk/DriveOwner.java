package vmhi.core.vdisk;

import java.util.Map;

/** The machine that has a drive. Called on any thread, in the order in which things happen; must not block. */
public interface DriveOwner {

	/** The drive cannot go on until something is done; the machine has to stand still. Told once until {@link #back}. */
	void waiting(String drive, String reason);

	/** The drive goes on. */
	void back(String drive);

	/** Something that others may want to know. */
	void report(String type, Map<String, String> data);
}
