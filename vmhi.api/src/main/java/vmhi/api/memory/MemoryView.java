package vmhi.api.memory;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Guest RAM as one call sees it: each byte is fetched from the guest at most once.
 * <p>
 * A guest can change its memory while the host looks at it. What is checked and then read again may differ (a "double
 * fetch", as in XSA-155), so whoever acts on data in guest RAM takes it through a view: the first read copies, any
 * later read of the same bytes gives the copy, and writes are held back until the call has ended well.
 * <p>
 * Belongs to the thread that makes the call, and ends with it.
 */
@ProviderType
public interface MemoryView {

	/**
	 * Copies a block in.
	 *
	 * @param length 0 to 1 MiB
	 * @return a private copy, or {@code null} if any of the range is not RAM or {@code length} is out of range
	 */
	byte[] copyIn(long gpa, int length);

	/**
	 * Copies a block out when the call ends well; a later {@link #copyIn} of this view already sees it.
	 *
	 * @param data taken as it is now: the caller may change it afterwards
	 * @return {@code false} if any of the range is not RAM; nothing will then be written
	 */
	boolean copyOut(long gpa, byte[] data);
}
