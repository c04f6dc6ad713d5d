package vmhi.mgmt.rest;

import java.util.Locale;

/** What can go wrong with a request. The type of a problem document is made from the name; docs/rest.md lists them. */
enum Fault {
	INVALID(400, "The request is wrong"), UNAUTHENTICATED(401, "A bearer token is needed"), DENIED(403,
			"Not allowed to do that"), NOT_LOCAL(403, "Served on this machine only"), NOT_FOUND(404,
					"There is no such thing"), METHOD(405, "Not done with this method"), CONFLICT(409,
							"Not possible in this state"), CANCELLED(409, "Cancelled"), GONE(410,
									"These events are not kept any more"), TOO_LARGE(413,
											"The body is too large"), MEDIA_TYPE(415,
													"Not a type of body that is understood"), MISDIRECTED(421,
															"Not a name of this host"), MISSING_PLUGIN(424,
																	"A plug-in is missing"), TOO_MANY_FAILURES(429,
																			"Too many wrong tokens"), HOST(500,
																					"The host cannot do it"), INTERNAL(
																							500,
																							"Something failed inside"), BUSY(
																									503,
																									"Too many at a time");

	final int status;
	final String title;

	Fault(int status, String title) {
		this.status = status;
		this.title = title;
	}

	/** For the field {@code type} of a problem document. */
	String type() {
		return "urn:vmhi:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
	}
}
