package vmhi.core.mgmt;

import static vmhi.api.machine.MachineException.Kind.CONFLICT;
import static vmhi.api.machine.MachineException.Kind.HOST;
import static vmhi.api.machine.MachineException.Kind.INTERNAL;
import static vmhi.api.machine.MachineException.Kind.INVALID;
import static vmhi.api.machine.MachineException.Kind.NOT_FOUND;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.Version;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleRevisions;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Plugins;
import vmhi.core.event.EventLog;
import vmhi.core.machine.MachineRegistry;
import vmhi.core.state.Durable;
import vmhi.core.state.Home;

/**
 * The bundles of the framework that the core runs in. For any thread; one change at a time.
 * <p>
 * The jar of each bundle that was installed or updated here is kept as {@code plugins.d/NAME-VERSION.jar} in the home
 * directory, from the moment it has started until it is removed. A bundle that the core itself cannot do without, in
 * however many steps, stays as it is: exchanging it would end the machines.
 */
@Component(service = BundlePlugins.class)
public final class BundlePlugins implements Plugins {

	private static final Logger LOG = LoggerFactory.getLogger(BundlePlugins.class);
	private static final String LOCATION = "vmhi-plugin:";
	private static final String TRIAL = "vmhi-trial:";
	private static final String UNFINISHED = ".tmp";
	private static final String CAPABILITIES = "vmhi.";
	private static final long SECONDS_FOR_TURN = 30;
	private static final long SECONDS_TO_REFRESH = 60;

	private final BundleContext context;
	private final FrameworkWiring wiring;
	private final Path directory;
	private final EventLog events;
	private final Supplier<Map<String, List<String>>> machinesByBundle;
	private final ReentrantLock turn = new ReentrantLock(true);
	private volatile String busy = ""; // what has the turn

	@Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
	private volatile ServiceComponentRuntime components;

	/** The bundles of the core's framework. */
	@Activate
	public BundlePlugins(BundleContext context, @Reference Home home, @Reference EventLog events,
			@Reference MachineRegistry machines) throws IOException {
		this(context, home, events, machines::machinesByBundle, null);
	}

	BundlePlugins(BundleContext context, Home home, EventLog events,
			Supplier<Map<String, List<String>>> machinesByBundle,
			ServiceComponentRuntime components) throws IOException {
		this.context = context;
		this.wiring = context.getBundle(0).adapt(FrameworkWiring.class);
		this.directory = home.path().resolve("plugins.d");
		this.events = events;
		this.machinesByBundle = machinesByBundle;
		this.components = components;
		Durable.createDirectories(directory);
		tidy();
	}

	/** Removes what a change left that the end of the host cut short. */
	private void tidy() throws IOException {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
			for (Path file : files)
				Files.delete(file);
		}
		for (Bundle bundle : context.getBundles())
			if (bundle.getLocation().startsWith(TRIAL))
				uninstall(bundle);
	}

	@Override
	public List<Plugin> list() {
		Map<String, List<String>> machines = machinesByBundle.get();
		return Arrays.stream(context.getBundles()).sorted(Comparator.comparingLong(Bundle::getBundleId))
				.map(bundle -> plugin(bundle, machines)).toList();
	}

	private static Plugin plugin(Bundle bundle, Map<String, List<String>> machines) {
		String description = bundle.getHeaders("").get(Constants.BUNDLE_DESCRIPTION);
		return new Plugin(bundle.getBundleId(), name(bundle), bundle.getVersion().toString(),
				description == null ? "" : description, state(bundle), provides(bundle),
				machines.getOrDefault(bundle.getSymbolicName() + " " + bundle.getVersion(), List.of()));
	}

	private static String name(Bundle bundle) {
		return bundle.getSymbolicName() == null ? bundle.getLocation() : bundle.getSymbolicName();
	}

	private static String state(Bundle bundle) {
		return switch (bundle.getState()) {
			case Bundle.UNINSTALLED -> "UNINSTALLED";
			case Bundle.INSTALLED -> "INSTALLED";
			case Bundle.RESOLVED -> "RESOLVED";
			case Bundle.STARTING -> "STARTING";
			case Bundle.STOPPING -> "STOPPING";
			default -> "ACTIVE";
		};
	}

	private static List<String> provides(Bundle bundle) {
		BundleRevision revision = bundle.adapt(BundleRevision.class);
		if (revision == null)
			return List.of();
		List<String> provides = new ArrayList<>();
		for (BundleCapability capability : revision.getDeclaredCapabilities(null)) {
			String namespace = capability.getNamespace();
			if (namespace.startsWith(CAPABILITIES))
				provides.add(namespace + "=" + capability.getAttributes().getOrDefault(namespace, ""));
		}
		return provides;
	}

	@Override
	public Plugin install(InputStream jar) throws MachineException {
		PluginJar candidate = PluginJar.receive(jar, unfinished());
		try {
			return inTurn("installing " + candidate.title(), () -> install(candidate));
		} finally {
			candidate.discard();
		}
	}

	private Path unfinished() {
		return directory.resolve(UUID.randomUUID() + UNFINISHED);
	}

	private Plugin install(PluginJar jar) throws MachineException {
		long start = System.nanoTime();
		refuseTwin(jar, null);
		for (Bundle bundle : context.getBundles())
			if (jar.name().equals(bundle.getSymbolicName()))
				refuseIfVital(bundle, "a second one beside it cannot be installed");
		Bundle bundle = null;
		try {
			bundle = add(jar, LOCATION);
			start(bundle);
			jar.moveTo(kept(jar.name(), jar.version()));
		} catch (MachineException | IOException | RuntimeException e) {
			if (bundle != null)
				uninstall(bundle);
			throw failed("installing", jar, start, e);
		}
		publish("plugin.installed", bundle, start, Map.of());
		LOG.info("plug-in {} is installed", jar.title());
		return plugin(bundle, machinesByBundle.get());
	}

	/** The same bundle in the same version cannot be there twice. */
	private void refuseTwin(PluginJar jar, Bundle itself) throws MachineException {
		for (Bundle bundle : context.getBundles())
			if (!bundle.equals(itself) && jar.name().equals(bundle.getSymbolicName())
					&& jar.version().equals(bundle.getVersion()))
				throw new MachineException(INVALID, "%s is there already, as plug-in %d"
						.formatted(jar.title(), bundle.getBundleId()));
	}

	private Bundle add(PluginJar jar, String location) throws MachineException {
		try (InputStream in = Files.newInputStream(jar.file())) {
			return context.installBundle(location + jar.name() + ":" + UUID.randomUUID(), in);
		} catch (BundleException | IOException e) {
			throw new MachineException(INVALID, "%s cannot be installed: %s".formatted(jar.title(), innermost(e)), e);
		}
	}

	private void start(Bundle bundle) throws MachineException {
		resolve(bundle);
		try {
			bundle.start(Bundle.START_ACTIVATION_POLICY);
		} catch (BundleException e) {
			throw new MachineException(INVALID, "%s does not start: %s".formatted(title(bundle), innermost(e)), e);
		}
		ServiceComponentRuntime runtime = components;
		if (runtime != null)
			refuseFailedComponents(bundle, runtime);
	}

	private void resolve(Bundle bundle) throws MachineException {
		if (wiring.resolveBundles(List.of(bundle)))
			return;
		String why = new Missing(context.getBundles()).of(bundle).orElseGet(() -> resolverSays(bundle));
		throw new MachineException(INVALID, title(bundle) + " " + why);
	}

	/** What the framework's own resolver says, for conflicts that are more than something missing. */
	private static String resolverSays(Bundle bundle) {
		try {
			bundle.start(Bundle.START_TRANSIENT);
			bundle.stop(Bundle.STOP_TRANSIENT);
			return "does not resolve";
		} catch (BundleException e) {
			return "does not resolve: " + innermost(e);
		}
	}

	private static void refuseFailedComponents(Bundle bundle, ServiceComponentRuntime runtime) throws MachineException {
		for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle))
			for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component))
				if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION)
					throw new MachineException(INVALID, "%s does not start: its component %s fails: %s".formatted(
							title(bundle), component.name, causeIn(configuration.failure)));
	}

	/** The last cause in a stack trace, without its frames. */
	private static String causeIn(String trace) {
		String cause = "";
		for (String line : trace == null ? new String[0] : trace.split("\\R"))
			if (cause.isEmpty() || line.startsWith("Caused by: "))
				cause = line;
		return cause.replaceFirst("^Caused by: ", "");
	}

	@Override
	public Plugin update(long id, InputStream jar) throws MachineException {
		PluginJar candidate = PluginJar.receive(jar, unfinished());
		try {
			return inTurn("updating " + candidate.title(), () -> update(find(id), candidate));
		} finally {
			candidate.discard();
		}
	}

	private Plugin update(Bundle bundle, PluginJar jar) throws MachineException {
		long start = System.nanoTime();
		if (!jar.name().equals(bundle.getSymbolicName()))
			throw new MachineException(INVALID, "the jar is %s, not %s".formatted(jar.name(), name(bundle)));
		refuseIfVital(bundle, "it cannot be updated");
		refuseTwin(jar, bundle);
		PluginJar old;
		try {
			old = PluginJar.copyOf(bundle, unfinished());
		} catch (IOException e) {
			throw new MachineException(HOST, "%s cannot be kept to be put back: %s".formatted(title(bundle), e), e);
		}
		try {
			tryOut(jar, bundle);
			exchange(bundle, old, jar);
			if (!old.version().equals(jar.version()))
				Durable.delete(kept(old.name(), old.version()));
		} catch (MachineException | IOException | RuntimeException e) {
			throw failed("updating", jar, start, e);
		} finally {
			old.discard();
		}
		publish("plugin.updated", bundle, start, Map.of("from", old.version().toString()));
		LOG.info("plug-in {} is updated from {}", jar.title(), old.version());
		return plugin(bundle, machinesByBundle.get());
	}

	/**
	 * Sees whether the new one resolves, while the old one is still at work. Two of the same version, or two
	 * singletons, cannot be there at once; then that shows later.
	 */
	private void tryOut(PluginJar jar, Bundle old) throws MachineException {
		if (jar.singleton() || jar.version().equals(old.getVersion()))
			return;
		Bundle trial = add(jar, TRIAL);
		try {
			resolve(trial);
		} finally {
			uninstall(trial);
		}
	}

	private void exchange(Bundle bundle, PluginJar old, PluginJar next) throws MachineException, IOException {
		try {
			replace(bundle, next);
			next.moveTo(kept(next.name(), next.version()));
		} catch (MachineException | IOException | RuntimeException e) {
			try {
				replace(bundle, old);
			} catch (MachineException | RuntimeException again) {
				LOG.error("{} could not be put back", old.title(), again);
				throw new MachineException(INTERNAL, "%s; and %s could not be put back: %s"
						.formatted(e.getMessage(), old.title(), again.getMessage()), e);
			}
			throw e;
		}
	}

	private void replace(Bundle bundle, PluginJar jar) throws MachineException {
		try (InputStream in = Files.newInputStream(jar.file())) {
			bundle.stop(Bundle.STOP_TRANSIENT);
			bundle.update(in);
		} catch (BundleException | IOException e) {
			throw new MachineException(INVALID, "%s cannot be installed: %s".formatted(jar.title(), innermost(e)), e);
		}
		if (bundle.adapt(BundleRevisions.class).getRevisions().size() > 1)
			refresh(bundle); // others are wired to what it was
		start(bundle);
	}

	private void refresh(Bundle bundle) {
		CountDownLatch refreshed = new CountDownLatch(1);
		FrameworkListener listener = event -> refreshed.countDown();
		wiring.refreshBundles(Set.of(bundle), listener);
		boolean interrupted = false;
		try {
			if (!refreshed.await(SECONDS_TO_REFRESH, TimeUnit.SECONDS))
				LOG.warn("refreshing {} takes more than {} s", title(bundle), SECONDS_TO_REFRESH);
		} catch (InterruptedException e) {
			interrupted = true;
		}
		if (interrupted)
			Thread.currentThread().interrupt();
	}

	@Override
	public void remove(long id) throws MachineException {
		inTurn("removing plug-in " + id, () -> {
			remove(find(id));
			return null;
		});
	}

	private void remove(Bundle bundle) throws MachineException {
		long start = System.nanoTime();
		refuseIfVital(bundle, "it cannot be removed");
		List<String> users = users(bundle).stream().map(BundlePlugins::name).sorted().toList();
		if (!users.isEmpty())
			throw new MachineException(CONFLICT, "%s is used by %s".formatted(name(bundle), String.join(", ", users)));
		try {
			bundle.uninstall();
			Durable.delete(kept(name(bundle), bundle.getVersion()));
		} catch (BundleException | IOException e) {
			throw new MachineException(INTERNAL, "%s cannot be removed: %s".formatted(title(bundle), innermost(e)), e);
		}
		publish("plugin.removed", bundle, start, Map.of());
		LOG.info("plug-in {} is removed", title(bundle));
	}

	private Bundle find(long id) throws MachineException {
		Bundle bundle = context.getBundle(id);
		if (bundle == null)
			throw new MachineException(NOT_FOUND, "no plug-in " + id);
		return bundle;
	}

	/** The framework, the core, and what the core stands on: exchanging those ends the machines. */
	private void refuseIfVital(Bundle bundle, String so) throws MachineException {
		Bundle core = context.getBundle();
		if (bundle.getBundleId() == 0)
			throw new MachineException(CONFLICT,
					"%s is the framework; %s while the host runs".formatted(name(bundle), so));
		if (bundle.equals(core))
			throw new MachineException(CONFLICT,
					"%s runs the machines; %s while the host runs".formatted(name(bundle), so));
		if (users(bundle).contains(core))
			throw new MachineException(CONFLICT, "%s, which runs the machines, stands on %s; %s while the host runs"
					.formatted(name(core), name(bundle), so));
	}

	/** Those that are wired to a bundle, in however many steps. */
	private Collection<Bundle> users(Bundle bundle) {
		return wiring.getDependencyClosure(Set.of(bundle)).stream().filter(other -> !other.equals(bundle))
				.collect(Collectors.toSet());
	}

	private Path kept(String name, Version version) {
		return directory.resolve("%s-%s.jar".formatted(name, version));
	}

	/** A change of the bundles. */
	private interface Change {
		Plugin make() throws MachineException;
	}

	private Plugin inTurn(String what, Change change) throws MachineException {
		try {
			if (!turn.tryLock(SECONDS_FOR_TURN, TimeUnit.SECONDS))
				throw new MachineException(CONFLICT, "another change is at work: " + busy);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new MachineException(CONFLICT, "interrupted while another change was at work", e);
		}
		try {
			busy = what;
			return change.make();
		} finally {
			turn.unlock();
		}
	}

	private MachineException failed(String action, PluginJar jar, long start, Exception e) {
		MachineException failure = e instanceof MachineException known ? known
				: new MachineException(e instanceof IOException ? HOST : INTERNAL,
						"%s %s failed: %s".formatted(action, jar.title(), innermost(e)), e);
		events.publish("", "plugin.failed", Map.of("name", jar.name(), "version", jar.version().toString(),
				"action", action, "reason", failure.getMessage(), "milliseconds", millisecondsSince(start)));
		LOG.debug("{} plug-in {} failed: {}", action, jar.title(), failure.getMessage());
		return failure;
	}

	private void publish(String type, Bundle bundle, long start, Map<String, String> more) {
		Map<String, String> data = new HashMap<>(more);
		data.put("plugin", Long.toString(bundle.getBundleId()));
		data.put("name", name(bundle));
		data.put("version", bundle.getVersion().toString());
		data.put("milliseconds", millisecondsSince(start));
		events.publish("", type, data);
	}

	private static String millisecondsSince(long start) {
		return Long.toString(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
	}

	private static void uninstall(Bundle bundle) {
		try {
			bundle.uninstall();
		} catch (BundleException | IllegalStateException e) {
			LOG.error("{} cannot be taken away again", title(bundle), e);
		}
	}

	private static String title(Bundle bundle) {
		return "%s %s".formatted(name(bundle), bundle.getVersion());
	}

	/** What went wrong in the first place, in one line. */
	private static String innermost(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null)
			cause = cause.getCause();
		String message = cause instanceof BundleException && cause.getMessage() != null ? cause.getMessage()
				: cause.toString();
		return message.replaceAll("\\s+", " ");
	}
}
