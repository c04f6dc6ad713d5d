package vmhi.api.machine;

import java.nio.ByteBuffer;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One console of a machine: bytes the guest sends, kept for a while, and bytes for the guest. It outlives the runs of
 * the machine. For any thread.
 */
@ProviderType
public interface Console {

	/** Bytes that the guest has ever sent. */
	long position();

	/** Most bytes kept; what is older is gone. */
	int capacity();

	/**
	 * Copies what was sent from a position on, without waiting.
	 *
	 * @param from what is older than is kept is skipped
	 * @return the position of the first byte copied; {@code target} is filled as far as there is something
	 */
	long read(long from, ByteBuffer target);

	/**
	 * Waits until the guest has sent something beyond a position.
	 *
	 * @return whether it has
	 */
	boolean await(long beyond, long millis) throws InterruptedException;

	/**
	 * Types bytes, as many as there is room for.
	 *
	 * @return how many were taken
	 */
	int type(ByteBuffer bytes);

	/**
	 * Holds the guest back from overrunning a reader: while the holder is open and did not move on, at most
	 * {@link #capacity} bytes beyond its position are sent. One that does not move for ten seconds is dropped.
	 */
	Hold hold(long position);

	/** A reader that must not miss anything. */
	@ProviderType
	interface Hold extends AutoCloseable {

		/** The reader has everything before {@code position}. */
		void moveTo(long position);

		@Override
		void close();
	}
}
