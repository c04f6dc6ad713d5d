package vmhi.mgmt.rest;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Authenticator;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Protocol;

/**
 * Management over HTTP and JSON, below {@value #BASE}; docs/rest.md is its manual.
 * <p>
 * A request passes the {@link Door}, is led by the {@link Router} to a {@link Route} of one of the {@code *Api}
 * classes, and is answered from a {@link Hypervisor} opened for its principal, which is where permissions are checked.
 * Called by the threads of the HTTP server, which are free again while a request waits ({@link Held}) or goes on
 * ({@link Streams}).
 */
@Component(service = Servlet.class, configurationPid = RestService.PID)
@HttpWhiteboardServletPattern(RestService.BASE + "/*")
@HttpWhiteboardServletAsyncSupported
@Protocol("rest")
@Designate(ocd = RestService.Config.class)
public final class RestService implements Servlet {

	static final String PID = "vmhi.mgmt.rest";
	static final String BASE = "/api/v1";

	@ObjectClassDefinition(name = "Management over HTTP and JSON")
	@interface Config {
		@AttributeDefinition(description = "Serve other machines too, by TLS only. The HTTP server has its own "
				+ "configuration of TLS and of the address that it listens on.")
		boolean remote() default false;

		@AttributeDefinition(description = "Names and addresses by which other machines know this host: what the Host "
				+ "header of a request may say, without a port")
		String[] hosts() default {};

		@AttributeDefinition(description = "Event and console streams that may be open at a time", min = "1")
		int streams() default 64;

		@AttributeDefinition(description = "Requests that may wait for something at a time", min = "1")
		int waits() default 64;

		@AttributeDefinition(description = "Seconds between signs of life on an event stream", min = "1")
		int heartbeat() default 15;
	}

	private static final Logger LOG = LoggerFactory.getLogger(RestService.class);

	private final List<Authenticator> authenticators = new CopyOnWriteArrayList<>();
	private final Access access;
	private final ScheduledThreadPoolExecutor timer;
	private final Door door;
	private final Backoff backoff = new Backoff(System::nanoTime);
	private final Held held;
	private final Streams streams;
	private final Router router;

	@Activate
	public RestService(@Reference Access access, Config config) {
		this.access = access;
		timer = new ScheduledThreadPoolExecutor(1, work -> Threads.daemon("vmhi-rest-timer", work));
		door = new Door(config.remote(), config.hosts(), () -> authenticators);
		held = new Held(config.waits(), timer);
		streams = new Streams(config.streams(), config.heartbeat(), timer);
		router = new Router(routes(streams));
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addAuthenticator(Authenticator authenticator) {
		authenticators.add(authenticator);
	}

	void removeAuthenticator(Authenticator authenticator) {
		authenticators.remove(authenticator);
	}

	/** Streams end in an orderly way, those that wait get an answer; refusals that are delayed still go out. */
	@Deactivate
	void deactivate() {
		streams.close();
		held.close();
		timer.shutdown();
	}

	private static List<Route> routes(Streams streams) {
		List<Route> routes = new ArrayList<>();
		routes.addAll(new HostApi().routes());
		routes.addAll(new MachineApi().routes());
		routes.addAll(new ConsoleApi(streams).routes());
		routes.addAll(new EventApi(streams).routes());
		routes.addAll(new JobApi().routes());
		routes.addAll(new PluginApi().routes());
		return routes;
	}

	@Override
	public void service(ServletRequest request, ServletResponse response) throws IOException {
		serve((HttpServletRequest) request, (HttpServletResponse) response);
	}

	private void serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
		response.setHeader("X-Content-Type-Options", "nosniff");
		response.setHeader("Cache-Control", "no-store");
		answer(() -> admit(request)).send(request, response);
	}

	/** Nobody learns more than that he is not known, whatever path he tries. */
	private Answer admit(HttpServletRequest request) throws Problem {
		door.refuseStrangers(request);
		String path = request.getPathInfo() == null ? "" : request.getPathInfo();
		if (router.isOpen(request.getMethod(), path))
			return answer(request, router.find(request.getMethod(), path), null);

		String token = Door.token(request).orElseThrow(() -> unauthenticated("Bearer"));
		String peer = request.getRemoteAddr();
		Optional<Principal> principal = door.authenticate(token, peer);
		if (principal.isEmpty())
			return held.delayed(failed(peer), unauthenticated("Bearer error=\"invalid_token\"").reply());
		return answer(request, router.find(request.getMethod(), path), access.open(principal.get()));
	}

	private Answer answer(HttpServletRequest request, Router.Match match, Hypervisor host) throws Problem {
		Exchange x = new Exchange(request, match, host);
		Answer answer = (in, out) -> answer(() -> match.route().handler().handle(x)).send(in, out);
		return x.waits() ? held.waiting(answer) : answer;
	}

	/** How long the answer to a wrong token waits. */
	private long failed(String peer) {
		int failures = backoff.failed(peer);
		if (failures == 1 || failures % 100 == 0)
			LOG.warn("wrong token from {}, {} in a row", peer, failures);
		return Backoff.delay(failures);
	}

	private static Problem unauthenticated(String challenge) {
		return new Problem(Fault.UNAUTHENTICATED, "send Authorization: Bearer TOKEN, with a token that is known here")
				.header("WWW-Authenticate", challenge);
	}

	private interface Work {
		Answer work() throws Problem, MachineException, IOException;
	}

	/** The answer worked out, or what went wrong. */
	private static Answer answer(Work work) throws IOException {
		try {
			return work.work();
		} catch (Problem e) {
			return e.reply();
		} catch (MachineException e) {
			return Problem.of(e).reply();
		} catch (DeniedException e) {
			return Problem.of(e).reply();
		} catch (RuntimeException | Error e) { // an error too: what was sent so far would pass for an answer
			LOG.error("a request failed", e);
			return new Problem(Fault.INTERNAL, "see the log of the host").reply();
		}
	}

	/** All that is served. */
	List<Route> routes() {
		return router.routes();
	}

	@Override
	public void init(ServletConfig config) {}

	@Override
	public void destroy() {}

	@Override
	public ServletConfig getServletConfig() {
		return null;
	}

	@Override
	public String getServletInfo() {
		return "";
	}
}
