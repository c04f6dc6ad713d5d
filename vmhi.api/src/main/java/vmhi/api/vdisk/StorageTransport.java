package vmhi.api.vdisk;

import java.net.URI;
import java.nio.ByteBuffer;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reaches images that are not local files. The core wraps what it opens into a {@link Storage}, checks bounds and
 * read-only, and keeps two writers apart within this host.
 * <p>
 * Called from any thread, several at a time.
 */
@ConsumerType
public interface StorageTransport {

	/**
	 * Connects to an image.
	 *
	 * @param image its scheme is the one this transport serves; the core has checked that it may be reached
	 * @throws DiskException if it is not there, or not for writing if that is asked
	 */
	Connection connect(URI image, boolean readOnly) throws DiskException;

	/** The bytes of one image elsewhere. Called from any thread. */
	@ConsumerType
	interface Connection extends AutoCloseable {

		/** Length in bytes. */
		long length() throws DiskException;

		/** Fills {@code target}; the range lies within the length. */
		void read(long offset, ByteBuffer target) throws DiskException;

		/** Writes what remains in {@code source}. */
		void write(long offset, ByteBuffer source) throws DiskException;

		/** Makes earlier writes lasting. */
		void flush() throws DiskException;

		/** Gives up the connection. A second call does nothing. */
		@Override
		void close();
	}
}
