package vmhi.api.machine;

import java.util.List;
import java.util.function.Consumer;

import org.osgi.annotation.versioning.ProviderType;

/** The one stream of events of this host. For any thread. */
@ProviderType
public interface Events {

	/** Number of the newest event; 0 before the first. */
	long last();

	/** Number of the oldest event that is still kept; {@code last() + 1} while there is none. */
	long first();

	/** Events with a number above {@code after}, the oldest first, at most {@code most} of them. */
	List<Event> since(long after, int most);

	/**
	 * Has a listener called for each event with a number above {@code after}, in order, without a gap and one at a time,
	 * on a thread of its own: those that are kept first, then those that come. A listener that falls behind by more than
	 * is kept is closed, and its {@code lost} is run.
	 *
	 * @return close it to end this; when that returns the listener isn't called any more, unless the listener itself
	 *         closes
	 */
	Subscription subscribe(long after, Consumer<Event> listener, Runnable lost);

	/** A listener on the stream. */
	interface Subscription extends AutoCloseable {
		@Override
		void close();
	}
}
