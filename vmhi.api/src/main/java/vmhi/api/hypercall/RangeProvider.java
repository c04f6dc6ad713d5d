package vmhi.api.hypercall;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Serves one range of hypercalls.
 * <p>
 * Called from any thread. When the service is about to leave, the core lets calls in flight finish on the handlers it
 * opened, for half a second at most, then closes them; guests that call meanwhile are told when to try again.
 */
@ConsumerType
public interface RangeProvider {

	/** What the range is; always the same. */
	RangeInfo info();

	/** Makes the handler of one machine. The core closes it. */
	RangeHandler open(RangeHost host);
}
