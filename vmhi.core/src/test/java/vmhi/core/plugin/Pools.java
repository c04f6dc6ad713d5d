package vmhi.core.plugin;

import org.osgi.framework.Version;

/** Has plug-ins come and go without a framework. */
public final class Pools {
	private Pools() {}

	/** A plug-in of a bundle {@code test}, whose id is the major version. */
	public static <T> Plugin<T> plugin(String role, String version, T service) {
		Version parsed = new Version(version);
		return new Plugin<>(role, service, parsed.getMajor(), "test", parsed);
	}

	/** Makes it and has it come. */
	public static <T> Plugin<T> add(ServicePool<T> pool, String role, String version, T service) {
		Plugin<T> plugin = plugin(role, version, service);
		pool.add(plugin);
		return plugin;
	}

	/** Has it come. */
	public static <T> void add(ServicePool<T> pool, Plugin<T> plugin) {
		pool.add(plugin);
	}

	/** Has it go. */
	public static <T> void remove(ServicePool<T> pool, Plugin<T> plugin) {
		pool.remove(plugin.service());
	}
}
