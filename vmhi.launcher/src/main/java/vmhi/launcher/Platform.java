package vmhi.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.util.tracker.ServiceTracker;

import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Principal;

/**
 * The framework with the bundles of a composition in it, up and running. For any thread.
 * <p>
 * The contracts aren't a bundle: they are on the class path of this program and the framework offers them to bundles,
 * so that the commands use them like any other classes.
 */
final class Platform implements AutoCloseable {
	static final String LOOPBACK = "127.0.0.1";

	/** Of the runtime service of the HTTP whiteboard, whose class isn't ours to see. */
	private static final String HTTP_RUNTIME = "org.osgi.service.servlet.runtime.HttpServiceRuntime";
	private static final String HTTP_ENDPOINT = "osgi.http.endpoint";

	private static final long SERVICE_MILLIS = 20_000;
	private static final long STOP_MILLIS = 30_000;

	/**
	 * What to start.
	 *
	 * @param name under which the resolution is remembered
	 * @param pluginFolders whose jars are started whether or not the composition needs them
	 * @param port of HTTP on loopback, 0 for any that is free
	 * @param shell whether the framework's shell has the terminal
	 */
	record Plan(String name, Composition composition, Dist dist, Home home, Path cache, List<Path> pluginFolders,
			int port,
			boolean shell, boolean debug) {}

	private final Framework framework;
	private final List<String> remarks;
	private final boolean http;

	private Platform(Framework framework, List<String> remarks, boolean http) {
		this.framework = framework;
		this.remarks = remarks;
		this.http = http;
	}

	/**
	 * Starts it. When this returns all bundles are active and {@link #open} works; if it fails nothing is left running.
	 */
	static Platform start(Plan plan) throws Problem {
		Framework framework = new FrameworkFactory().newFramework(properties(plan));
		try {
			at(plan, "starting the framework");
			framework.init();
			at(plan, "the framework is there");
			Resolution resolution = resolve(plan, framework);
			at(plan, "the composition is resolved");
			boolean http = startBundles(plan, framework, resolution);
			at(plan, "the bundles are started");
			Platform platform = new Platform(framework, resolution.remarks(), http);
			platform.service(Access.class);
			at(plan, "the core is there");
			return platform;
		} catch (BundleException e) {
			halt(framework);
			throw new Problem("the framework did not start: %s; see --debug".formatted(Problem.line(e)), e);
		} catch (Problem | RuntimeException e) {
			halt(framework);
			throw e;
		}
	}

	/** Lines for the operator on what of the composition was left out. */
	List<String> remarks() {
		return remarks;
	}

	/** The host as somebody may see and change it. */
	Hypervisor open(Principal principal) throws Problem {
		return service(Access.class).open(principal);
	}

	/** Where management by HTTP listens; empty if nothing of the composition does. */
	Optional<String> url() throws Problem {
		if (!http)
			return Optional.empty();
		try {
			ServiceTracker<Object, Object> tracker = new ServiceTracker<>(framework.getBundleContext(),
					framework.getBundleContext()
							.createFilter("(&(objectClass=%s)(%s=*))".formatted(HTTP_RUNTIME, HTTP_ENDPOINT)),
					null);
			tracker.open(true);
			try {
				if (tracker.waitForService(SERVICE_MILLIS) == null)
					throw new Problem(
							"nothing listens for HTTP after %d s; see --debug".formatted(SERVICE_MILLIS / 1000));
				return Optional.of(endpoint(tracker.getServiceReference()));
			} finally {
				tracker.close();
			}
		} catch (InvalidSyntaxException e) {
			throw new IllegalStateException(e);
		} catch (InterruptedException e) {
			throw new Problem("interrupted while starting; start again", e);
		}
	}

	/** Returns when somebody has stopped the framework. */
	void await() throws InterruptedException {
		while (framework.waitForStop(0).getType() == FrameworkEvent.STOPPED_UPDATE) {
			// the framework starts again by itself
		}
	}

	/** Stops everything in an orderly way: management first, then the machines, then what they need. */
	@Override
	public void close() {
		halt(framework);
	}

	private <T> T service(Class<T> type) throws Problem {
		BundleContext context = framework.getBundleContext();
		ServiceReference<T> reference = context.getServiceReference(type);
		if (reference != null) {
			T service = context.getService(reference);
			if (service != null)
				return service;
		}
		ServiceTracker<T, T> tracker = new ServiceTracker<>(context, type, null);
		tracker.open();
		try {
			T service = tracker.waitForService(SERVICE_MILLIS);
			if (service == null)
				throw new Problem("the core did not come up within %d s; see --debug".formatted(SERVICE_MILLIS / 1000));
			return service;
		} catch (InterruptedException e) {
			throw new Problem("interrupted while starting; start again", e);
		} finally {
			tracker.close();
		}
	}

	private static Map<String, Object> properties(Plan plan) throws Problem {
		Map<String, Object> properties = new HashMap<>();
		System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
		Path storage = plan.home().path().resolve("cache").resolve("felix");
		properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
		// what is installed is worked out at each start from what lies in the folders, so nothing is left from the last
		// time
		properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
		properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, String.valueOf(Jar.LEVEL_ALL));
		properties.put(FelixConstants.LOG_LOGGER_PROP, new StderrLogger(plan.debug()));
		properties.put(FelixConstants.LOG_LEVEL_PROP, plan.debug() ? "2" : "1");
		Map<String, String> contracts = Dist.contracts();
		properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, contracts.getOrDefault(Constants.EXPORT_PACKAGE, ""));
		properties.put(Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA,
				contracts.getOrDefault(Constants.PROVIDE_CAPABILITY, ""));
		properties.put("vmhi.home", plan.home().path().toString());
		// this one is Felix's; the standard org.osgi.service.http.host is ignored by it and it would listen everywhere
		properties.put("org.apache.felix.http.host", LOOPBACK);
		properties.put("org.osgi.service.http.port", String.valueOf(plan.port()));
		if (!plan.shell())
			properties.put("gosh.args", "--nointeractive");
		return properties;
	}

	private static Resolution resolve(Plan plan, Framework framework) throws Problem {
		List<Path> folders = new ArrayList<>(plan.pluginFolders());
		folders.add(plan.dist().bundles());
		ResolutionCache cache = new ResolutionCache(plan.cache(), plan.name(), plan.composition(), folders);
		Optional<Resolution> known = cache.load();
		if (known.isPresent())
			return known.get();
		Repository repository = Repository.read(plan.pluginFolders(), plan.dist().bundles());
		Path where = plan.pluginFolders().isEmpty() ? plan.dist().bundles() : plan.pluginFolders().get(0);
		Resolution resolution = new CompositionResolver(repository, framework.adapt(BundleRevision.class),
				where.toString())
				.resolve(plan.composition());
		cache.store(resolution);
		return resolution;
	}

	/** With {@code --debug}, says how far the start is. */
	private static void at(Plan plan, String what) {
		if (plan.debug())
			System.err.println("vmhi: %s%s".formatted(what, sinceStart()));
	}

	/** How long ago the vmhi script began, to be put behind something that has happened; "" where there was none. */
	static String sinceStart() {
		long micros = Long.getLong("vmhi.began", 0);
		return micros == 0 ? "" : " after %d ms".formatted(System.currentTimeMillis() - micros / 1000);
	}

	/** @return whether one of them serves HTTP */
	private static boolean startBundles(Plan plan, Framework framework, Resolution resolution)
			throws BundleException, Problem {
		List<Bundle> bundles = install(framework, resolution);
		Optional<Bundle> server = bundles.stream().filter(Platform::servesHttp).findFirst();
		if (server.isPresent())
			checkFree(plan.port());
		at(plan, "the bundles are installed");
		framework.start();
		// at once, as two that resolve at the same time may get in each other's way; if not all do, starting says which
		framework.adapt(FrameworkWiring.class).resolveBundles(bundles);
		// by far the slowest to start, and nobody asks for it: beside the others it costs next to no time
		FutureTask<Void> serverStarts = new FutureTask<>(() -> {
			start(plan, server.orElseThrow());
			return null;
		});
		if (server.isPresent())
			new Thread(serverStarts, "vmhi-http").start();
		try {
			for (Bundle bundle : bundles)
				if (!server.equals(Optional.of(bundle)))
					start(plan, bundle);
		} finally {
			if (server.isPresent())
				finish(serverStarts);
		}
		return server.isPresent();
	}

	/** Installs all, with their levels. They come in the order of these. */
	private static List<Bundle> install(Framework framework, Resolution resolution) throws Problem {
		FrameworkStartLevel levels = framework.adapt(FrameworkStartLevel.class);
		List<Bundle> bundles = new ArrayList<>();
		for (Resolution.Bundle bundle : resolution.bundles()) {
			if (levels.getInitialBundleStartLevel() != bundle.startLevel())
				levels.setInitialBundleStartLevel(bundle.startLevel());
			try {
				bundles.add(framework.getBundleContext().installBundle("reference:" + bundle.jar().toUri()));
			} catch (BundleException e) {
				throw new Problem("%s cannot be installed: %s; put a whole one in its place".formatted(bundle.jar(),
						Problem.line(e)), e);
			}
		}
		levels.setInitialBundleStartLevel(Jar.LEVEL_INITIAL);
		return bundles;
	}

	private static boolean servesHttp(Bundle bundle) {
		String provided = bundle.getHeaders("").get(Constants.PROVIDE_CAPABILITY);
		return provided != null && provided.contains(HTTP_RUNTIME);
	}

	private static void start(Plan plan, Bundle bundle) throws Problem {
		if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0)
			return;
		try {
			bundle.start(Bundle.START_ACTIVATION_POLICY);
			at(plan, bundle.getSymbolicName() + " is started");
		} catch (BundleException e) {
			throw new Problem(
					"%s %s did not start: %s; see --debug".formatted(bundle.getSymbolicName(), bundle.getVersion(),
							Problem.cause(e)),
					e);
		}
	}

	private static void finish(FutureTask<Void> starts) throws Problem {
		try {
			starts.get();
		} catch (InterruptedException e) {
			throw new Problem("interrupted while starting; start again", e);
		} catch (ExecutionException e) {
			throw e.getCause() instanceof Problem problem ? problem : new Problem(Problem.cause(e), e);
		}
	}

	/** Finds out early, and in one line, what the HTTP server would say in a page of its log. */
	private static void checkFree(int port) throws Problem {
		if (port == 0)
			return;
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), port));
		} catch (IOException e) {
			throw new Problem("port %d of %s cannot be had: %s; name another with --port, 0 for any"
					.formatted(port, LOOPBACK, Problem.line(e)), e);
		}
	}

	private static String endpoint(ServiceReference<?> runtime) {
		Object endpoints = runtime.getProperty(HTTP_ENDPOINT);
		return endpoints instanceof String[] several ? several[0] : String.valueOf(endpoints);
	}

	private static void halt(Framework framework) {
		try {
			framework.stop();
			framework.waitForStop(STOP_MILLIS);
		} catch (BundleException e) {
			System.err.println("vmhi: the framework did not stop in an orderly way: " + Problem.line(e));
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
