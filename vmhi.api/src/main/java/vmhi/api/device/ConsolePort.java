package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** The machine's end of a console: bytes to those who watch, and bytes from those who type. For any thread; never blocks. */
@ProviderType
public interface ConsolePort {

	/**
	 * Sends a byte to the watchers.
	 *
	 * @return {@code false} if one of them is slow and must not miss anything; {@link Listener#writable} tells when to try
	 *         again
	 */
	boolean write(int value);

	/** The next byte typed, 0 to 255; or -1 if there is none now. */
	int read();

	/** Bytes typed and not yet read. */
	int available();

	/** Has the listener called from now on. One at most; {@code null} for none. */
	void listen(Listener listener);

	/** Is told what changed, on any thread; brief. */
	@ConsumerType
	interface Listener {

		/** There is something to {@link ConsolePort#read}. */
		void readable();

		/** A {@link ConsolePort#write} may succeed again. */
		void writable();
	}
}
