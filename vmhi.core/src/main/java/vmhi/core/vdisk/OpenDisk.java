package vmhi.core.vdisk;

import java.util.concurrent.ExecutionException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.Deadline;

/** A disk and the storage under it, which can be closed even if the disk does not do it. */
record OpenDisk(VirtualDisk disk, Storage storage) {
	private static final Logger LOG = LoggerFactory.getLogger(OpenDisk.class);

	/** Bounded, whatever a transport or the host does. */
	void closeStorage() {
		try {
			Deadline.call("close " + storage.name(), Deadline.MILLIS, () -> {
				storage.close();
				return null;
			});
		} catch (ExecutionException | Deadline.MissedException e) {
			LOG.warn("{}: {}", storage.name(), e.getMessage());
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt(); // it closes all the same
		}
	}
}
