package vmhi.api.vdisk;

import java.util.List;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} of a format with metadata that can be wrong. Nothing else is called meanwhile. */
@ConsumerType
public interface Checkable {

	/**
	 * Looks for what is wrong, and mends it if told to.
	 *
	 * @param repair whether to write; only on a disk that is open for writing
	 * @param progress is told the share done, 0 to 1, now and then; may throw to end the check
	 */
	Report check(boolean repair, Progress progress) throws DiskException;

	/**
	 * What a check found.
	 *
	 * @param errors the data of the guest may be wrong; a sentence each
	 * @param leaks space that nothing uses; harmless
	 * @param repaired what was mended
	 */
	record Report(List<String> errors, List<String> leaks, List<String> repaired) {

		/** The lists are kept as they are now. */
		public Report {
			errors = List.copyOf(errors);
			leaks = List.copyOf(leaks);
			repaired = List.copyOf(repaired);
		}
	}

	/** Is told how far a long operation is. */
	@FunctionalInterface
	interface Progress {

		/** @throws DiskException of kind {@code CANCELLED} to end the operation */
		void at(double share) throws DiskException;
	}
}
