package vmhi.launcher;

import java.util.Dictionary;
import java.util.Hashtable;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

import vmhi.api.mgmt.Access;

/**
 * In the bundles of {@link PlatformTest}: writes down when it starts and stops, where the test can see it, and is a
 * core as far as the launcher is concerned if its bundle is named so.
 */
public final class TestBundle implements BundleActivator {
	static final String TRACE = "vmhi.test.trace";

	@Override
	public void start(BundleContext context) throws Exception {
		trace("+", context);
		if (context.getBundle().getHeaders("").get("Test-Fails") != null)
			throw new Exception("as the test wants it");
		Dictionary<String, Object> properties = new Hashtable<>();
		if (context.getBundle().getSymbolicName().equals("vmhi.core"))
			context.registerService(Access.class, principal -> {
				throw new UnsupportedOperationException(principal.name() + " at " + context.getProperty("vmhi.home"));
			}, properties);
	}

	@Override
	public void stop(BundleContext context) {
		trace("-", context);
	}

	private static void trace(String what, BundleContext context) {
		System.setProperty(TRACE,
				System.getProperty(TRACE, "") + what + context.getBundle().getSymbolicName().replaceFirst(".*\\.", "")
						+ " ");
	}
}
