package vmhi.api.mgmt;

import java.util.Optional;

import org.osgi.annotation.versioning.ConsumerType;

/** Tells who is speaking, by one kind of evidence. A protocol asks all that are registered. For any thread. */
@ConsumerType
public interface Authenticator {

	/**
	 * Looks at what a client presents.
	 *
	 * @param scheme kind of evidence, for example {@code bearer}
	 * @param evidence a token, for example; not kept and not logged
	 * @param origin how and from where the client came
	 * @return empty if this authenticator does not know him
	 */
	Optional<Principal> authenticate(String scheme, String evidence, String origin);
}
