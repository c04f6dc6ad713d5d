package vmhi.core.vdisk;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/** A disk and the storage under it, which can be closed even if the disk does not do it. */
record OpenDisk(VirtualDisk disk, Storage storage) {
	private static final Logger LOG = LoggerFactory.getLogger(OpenDisk.class);

	void closeStorage() {
		try {
			storage.close();
		} catch (DiskException e) {
			LOG.warn("{}: {}", storage.name(), e.getMessage());
		}
	}
}
