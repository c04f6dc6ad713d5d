package vmhi.api.memory;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Collects the pages of one machine that were written since it was made, or since the last {@link #collect}.
 * <p>
 * Belongs to one thread at a time.
 */
@ProviderType
public interface DirtyTracker extends AutoCloseable {

	/**
	 * Hands over the pages written since the last call and forgets them. A page that is being written meanwhile is
	 * handed over now or by the next call, never by neither.
	 *
	 * @return number of pages handed over
	 */
	long collect(PageVisitor visitor);

	/** Ends this tracker. A second call does nothing. */
	@Override
	void close();

	/** Is told of runs of dirty pages. */
	@FunctionalInterface
	interface PageVisitor {

		/** Called in ascending order of {@code gpa}; both numbers are multiples of {@link GuestMemory#PAGE_SIZE}. */
		void dirty(long gpa, long length);
	}
}
