package vmhi.mgmt.rest;

import java.io.IOException;
import java.util.Set;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Permission;

/**
 * A method on a path, and what is done about it.
 *
 * @param path below the base, a variable being a step in braces: {@code /machines/{machine}/start}
 * @param permission that the hypervisor will ask for; said here so that a test can try every route without it.
 *        {@code null} for what anybody may have, without a token
 * @param parameters of the query; any other is refused. With {@code wait} the request may take its time
 */
record Route(String method, String path, Permission permission, Set<String> parameters, Handler handler) {

	static Route get(String path, Permission permission, Handler handler, String... parameters) {
		return new Route("GET", path, permission, Set.of(parameters), handler);
	}

	static Route post(String path, Permission permission, Handler handler, String... parameters) {
		return new Route("POST", path, permission, Set.of(parameters), handler);
	}

	static Route put(String path, Permission permission, Handler handler) {
		return new Route("PUT", path, permission, Set.of(), handler);
	}

	static Route delete(String path, Permission permission, Handler handler) {
		return new Route("DELETE", path, permission, Set.of(), handler);
	}

	/** Does what a request asks for. */
	interface Handler {
		Answer handle(Exchange exchange) throws Problem, MachineException, IOException;
	}
}
