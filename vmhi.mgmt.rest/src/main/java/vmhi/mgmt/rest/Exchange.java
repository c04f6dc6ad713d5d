package vmhi.mgmt.rest;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import jakarta.servlet.http.HttpServletRequest;

import vmhi.api.mgmt.Hypervisor;

/** One request, as its handler sees it. Belongs to the thread that answers the request. */
final class Exchange {

	private final HttpServletRequest request;
	private final Router.Match match;
	private final Hypervisor host;
	private final Map<String, String> query;

	Exchange(HttpServletRequest request, Router.Match match, Hypervisor host) throws Problem {
		this.request = request;
		this.match = match;
		this.host = host;
		this.query = query(request.getQueryString(), match.route());
	}

	/** The host as the one who asks may see and change it; {@code null} on a route that is open to anybody. */
	Hypervisor host() {
		return host;
	}

	/** What stands in the path for a variable. */
	String variable(String name) {
		return match.variables().get(name);
	}

	/** A variable of the path that is a number. */
	long number(String variable) throws Problem {
		try {
			return Long.parseLong(variable(variable));
		} catch (NumberFormatException e) {
			throw new Problem(Fault.NOT_FOUND, "%s is not a number: %s".formatted(variable, variable(variable)));
		}
	}

	/** A parameter of the query that is a number within bounds. */
	long number(String parameter, long otherwise, long least, long most) throws Problem {
		return query.containsKey(parameter) ? number(parameter, query.get(parameter), least, most) : otherwise;
	}

	/** A header that is a number within bounds, or {@code otherwise} if there is none. */
	long header(String name, long otherwise, long least, long most) throws Problem {
		String value = request.getHeader(name);
		return value != null ? number(name, value.strip(), least, most) : otherwise;
	}

	/** Whether the client wants an event stream. */
	boolean wantsEventStream() {
		String accept = request.getHeader("Accept");
		return accept != null && accept.contains("text/event-stream");
	}

	/** Whether the answer may take its time, so that it shouldn't be one of the server's threads that waits. */
	boolean waits() {
		return !query.getOrDefault("wait", "0").equals("0");
	}

	Body body() {
		return new Body(request);
	}

	private static long number(String name, String value, long least, long most) throws Problem {
		try {
			long number = Long.parseLong(value);
			if (number >= least && number <= most)
				return number;
		} catch (NumberFormatException e) {
			// said below
		}
		throw new Problem(Fault.INVALID, "%s is %s, not %d..%d".formatted(name, value, least, most));
	}

	/**
	 * The query alone: the servlet's own parameters would take in a body that a client calls a form, which is what curl
	 * does unless told otherwise.
	 */
	private static Map<String, String> query(String text, Route route) throws Problem {
		Map<String, String> query = new HashMap<>();
		if (text == null || text.isEmpty())
			return query;
		for (String pair : text.split("&")) {
			int equals = pair.indexOf('=');
			String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
			if (!route.parameters().contains(name))
				throw new Problem(Fault.INVALID, "unknown parameter " + name);
			if (query.put(name, decoded(pair.substring(equals + 1))) != null)
				throw new Problem(Fault.INVALID, name + " is there twice");
		}
		return query;
	}

	private static String decoded(String text) throws Problem {
		try {
			return URLDecoder.decode(text, StandardCharsets.UTF_8);
		} catch (IllegalArgumentException e) {
			throw new Problem(Fault.INVALID, "the query is not encoded as it should be");
		}
	}
}
