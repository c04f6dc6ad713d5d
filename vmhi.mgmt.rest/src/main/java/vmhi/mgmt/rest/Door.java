package vmhi.mgmt.rest;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import jakarta.servlet.http.HttpServletRequest;

import vmhi.api.mgmt.Authenticator;
import vmhi.api.mgmt.Principal;

/** Decides who comes in. For any thread. */
final class Door {

	private static final Logger LOG = LoggerFactory.getLogger(Door.class);

	// RFC 6750, section 2.1
	private static final Pattern BEARER = Pattern.compile("[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*) *");
	private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]+\\]|[a-z0-9.-]+)(?::[0-9]{1,5})?");

	private final boolean remote;
	private final Set<String> names = new TreeSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
	private final Supplier<List<Authenticator>> authenticators;

	Door(boolean remote, String[] names, Supplier<List<Authenticator>> authenticators) {
		this.remote = remote;
		this.authenticators = authenticators;
		if (remote)
			for (String name : names)
				this.names.add(name.toLowerCase(Locale.ROOT));
	}

	/**
	 * Refuses what did not come over the loopback interface, unless that was configured and it came by TLS; and what was
	 * sent to a name that isn't ours: a page in a browser may have had its own name resolved to this machine.
	 */
	void refuseStrangers(HttpServletRequest request) throws Problem {
		boolean local = isLoopback(request.getRemoteAddr()) && isLoopback(request.getLocalAddr());
		if (!local && !(remote && request.isSecure()))
			throw new Problem(Fault.NOT_LOCAL, "only over the loopback interface, or by TLS where that is configured");
		Matcher host = HOST.matcher(String.valueOf(request.getHeader("Host")).toLowerCase(Locale.ROOT));
		// a request's first line may name another host than its header
		if (!host.matches() || !names.contains(host.group(1)) || !names.contains(bracketed(request.getServerName())))
			throw new Problem(Fault.MISDIRECTED, "the Host header names another host than this");
	}

	/** The bearer token of a request, if it presents one. */
	static Optional<String> token(HttpServletRequest request) {
		Matcher bearer = BEARER.matcher(String.valueOf(request.getHeader("Authorization")));
		return bearer.matches() ? Optional.of(bearer.group(1)) : Optional.empty();
	}

	/** Asks every authenticator, also when one of the first knows the token, so that the time doesn't tell which did. */
	Optional<Principal> authenticate(String token, String peer) {
		Optional<Principal> known = Optional.empty();
		for (Authenticator authenticator : authenticators.get()) {
			Optional<Principal> principal = ask(authenticator, token, peer);
			if (known.isEmpty())
				known = principal;
		}
		return known;
	}

	private static Optional<Principal> ask(Authenticator authenticator, String token, String peer) {
		try {
			return authenticator.authenticate("bearer", token, "rest " + peer);
		} catch (RuntimeException e) {
			LOG.warn("{} failed and lets nobody in", authenticator.getClass().getName(), e);
			return Optional.empty();
		}
	}

	/** Addresses come as numbers, so that nothing is resolved here. */
	private static boolean isLoopback(String address) {
		try {
			return address != null && !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
		} catch (UnknownHostException e) {
			return false;
		}
	}

	private static String bracketed(String name) {
		String lower = String.valueOf(name).toLowerCase(Locale.ROOT);
		return lower.indexOf(':') >= 0 && !lower.startsWith("[") ? "[" + lower + "]" : lower;
	}
}
