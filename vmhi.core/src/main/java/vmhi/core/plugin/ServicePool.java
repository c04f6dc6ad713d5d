package vmhi.core.plugin;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import org.osgi.framework.VersionRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of one contract that are there now. Listeners are told in the thread that brings or takes a service; when
 * {@link #remove} returns, nobody uses it any more.
 */
public final class ServicePool<T> {
	private static final Logger LOG = LoggerFactory.getLogger(ServicePool.class);

	private final List<Plugin<T>> plugins = new CopyOnWriteArrayList<>();
	private final List<Listener<T>> listeners = new CopyOnWriteArrayList<>();

	/** Is told what comes and goes. */
	public interface Listener<T> {

		/** The service is there. */
		void arrived(Plugin<T> plugin);

		/** The service is about to go: whatever it handed out ends before this returns. */
		void leaving(Plugin<T> plugin);
	}

	void add(Plugin<T> plugin) {
		plugins.add(plugin);
		for (Listener<T> listener : listeners)
			contained(plugin, () -> listener.arrived(plugin));
	}

	void remove(T service) {
		Plugin<T> plugin = plugins.stream().filter(p -> p.service() == service).findFirst().orElse(null);
		if (plugin == null)
			return;
		plugins.remove(plugin);
		for (Listener<T> listener : listeners)
			contained(plugin, () -> listener.leaving(plugin));
	}

	/** One machine that fails to let go must not keep the others from being told. */
	private void contained(Plugin<T> plugin, Runnable call) {
		try {
			call.run();
		} catch (RuntimeException | LinkageError e) {
			LOG.error("exchange of {} {}", plugin.role(), plugin.version(), e);
		}
	}

	/** Has a listener told from now on. */
	public void listen(Listener<T> listener) {
		listeners.add(listener);
	}

	/** Ends that. */
	public void forget(Listener<T> listener) {
		listeners.remove(listener);
	}

	/** All that are there, in the order in which they came. */
	public List<Plugin<T>> all() {
		return List.copyOf(plugins);
	}

	/**
	 * The best for a role.
	 *
	 * @param pin versions that will do; {@code null} for any
	 */
	public Optional<Plugin<T>> best(String role, VersionRange pin) {
		return plugins.stream()
				.filter(p -> p.role().equals(role) && (pin == null || pin.includes(p.version())))
				.max(Plugin::compareTo);
	}
}
