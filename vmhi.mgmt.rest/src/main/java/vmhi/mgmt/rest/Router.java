package vmhi.mgmt.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds the route of a request. For any thread. */
final class Router {

	/** A route, and what stands in the request's path for its variables. */
	record Match(Route route, Map<String, String> variables) {}

	private final List<Route> routes;

	Router(List<Route> routes) {
		this.routes = List.copyOf(routes);
	}

	List<Route> routes() {
		return routes;
	}

	/** Whether anybody may have this, without a token. */
	boolean isOpen(String method, String path) {
		return routes.stream().anyMatch(route -> route.permission() == null && route.method().equals(method)
				&& variables(route.path(), path) != null);
	}

	Match find(String method, String path) throws Problem {
		TreeSet<String> allowed = new TreeSet<>();
		for (Route route : routes) {
			Map<String, String> variables = variables(route.path(), path);
			if (variables == null)
				continue;
			if (route.method().equals(method))
				return new Match(route, variables);
			allowed.add(route.method());
		}
		if (allowed.isEmpty())
			throw new Problem(Fault.NOT_FOUND, "there is nothing at this path");
		String list = String.join(", ", allowed);
		throw new Problem(Fault.METHOD, "only with " + list).header("Allow", list);
	}

	/** What stands for the variables, or {@code null} if the path is another. */
	private static Map<String, String> variables(String template, String path) {
		String[] steps = template.split("/", -1);
		String[] given = path.split("/", -1);
		if (steps.length != given.length)
			return null;
		Map<String, String> variables = new HashMap<>();
		for (int i = 0; i < steps.length; i++)
			if (steps[i].startsWith("{") && !given[i].isEmpty())
				variables.put(steps[i].substring(1, steps[i].length() - 1), given[i]);
			else if (!steps[i].equals(given[i]))
				return null;
		return variables;
	}
}
