package vmhi.api.hypercall;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link RangeHandler} with state that outlives its bundle. No call is on meanwhile. */
@ConsumerType
public interface Transferable {

	/** The state, in a form that older and newer versions of the range can read: unknown parts are skipped. */
	byte[] exportState();

	/**
	 * Takes over.
	 *
	 * @return {@code false} if this cannot be read: the handler begins anew, which is told to those who watch the machine,
	 *         and answers {@link Status#RESTARTED} to calls that go on with what is lost
	 */
	boolean importState(byte[] state);
}
