package vmhi.mgmt.rest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonAnyGetter;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.DeniedException;

/** A request that is answered with a problem document (RFC 9457). */
final class Problem extends Exception {
	private static final long serialVersionUID = 1L;

	private static final String QUOTED = "\\[\"((?:[^\"\\\\]|\\\\[\"\\\\])*+)\"\\]";
	/** The field that a message about a specification begins with: {@code disks[0].format}, {@code labels["a b"]}. */
	private static final Pattern FIELD = Pattern.compile("((?:[\\w-]++|\\.|\\[\\d++\\]|" + QUOTED + ")++): .*",
			Pattern.DOTALL);
	private static final Pattern STEP = Pattern.compile("\\[(\\d+)\\]|" + QUOTED + "|([\\w-]+)");
	/** What such a message calls the whole. */
	private static final String WHOLE = "specification";

	private record Document(String type, String title, int status, String detail,
			@JsonAnyGetter Map<String, Object> members) {}

	private final Fault fault;
	private final transient Map<String, Object> members = new LinkedHashMap<>();
	private final transient Map<String, String> headers = new LinkedHashMap<>();

	Problem(Fault fault, String detail) {
		super(detail);
		this.fault = fault;
	}

	static Problem of(MachineException e) {
		return new Problem(switch (e.kind()) {
			case INVALID -> Fault.INVALID;
			case NOT_FOUND -> Fault.NOT_FOUND;
			case CONFLICT -> Fault.CONFLICT;
			case MISSING_PLUGIN -> Fault.MISSING_PLUGIN;
			case CANCELLED -> Fault.CANCELLED;
			case HOST -> Fault.HOST;
			default -> Fault.INTERNAL; // and what later versions of the contract add
		}, e.getMessage());
	}

	/** For what is wrong with a machine's specification: says which field in {@code pointer}. */
	static Problem ofSpecification(MachineException e) {
		Problem problem = of(e);
		Matcher field = FIELD.matcher(e.getMessage());
		if (e.kind() == MachineException.Kind.INVALID && field.matches())
			problem.with("pointer", pointer(field.group(1)));
		return problem;
	}

	static Problem of(DeniedException e) {
		return new Problem(Fault.DENIED, e.getMessage()).with("permission", e.permission());
	}

	/** Another member of the document. */
	Problem with(String member, Object value) {
		members.put(member, value);
		return this;
	}

	/** A header of the answer. */
	Problem header(String name, String value) {
		headers.put(name, value);
		return this;
	}

	Reply reply() {
		String detail = String.valueOf(getMessage()).replaceAll("\\s*\\R\\s*", " ");
		return new Reply(fault.status, "application/problem+json",
				Json.write(new Document(fault.type(), fault.title, fault.status, detail, members)), headers);
	}

	/** {@code disks[0].format} as a JSON Pointer in a URI fragment, the form that RFC 9457 shows. */
	private static String pointer(String path) {
		StringBuilder pointer = new StringBuilder("#");
		if (!path.equals(WHOLE))
			for (Matcher step = STEP.matcher(path); step.find();)
				pointer.append('/').append(name(step).replace("~", "~0").replace("/", "~1"));
		return pointer.toString();
	}

	private static String name(Matcher step) {
		if (step.group(2) != null)
			return step.group(2).replaceAll("\\\\(.)", "$1");
		return step.group(1) != null ? step.group(1) : step.group(3);
	}
}
