package vmhi.core.mgmt;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Makes small bundles, whose classes come from the test itself, and hears of their starts and stops. */
final class TestBundle {

	/** What activators did, as {@code start NAME VERSION}. */
	static final List<String> HEARD = new CopyOnWriteArrayList<>();

	private final Manifest manifest = new Manifest();
	private String component;

	TestBundle(String name, String version) {
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		header("Bundle-ManifestVersion", "2");
		header("Bundle-SymbolicName", name);
		header("Bundle-Version", version);
		header("Bundle-Activator", Listening.class.getName());
	}

	TestBundle header(String name, String value) {
		if (value == null)
			manifest.getMainAttributes().remove(new Attributes.Name(name));
		else
			manifest.getMainAttributes().putValue(name, value);
		return this;
	}

	TestBundle failingToStart() {
		return header("Bundle-Activator", Failing.class.getName());
	}

	TestBundle component(Class<?> implementation) {
		component = """
				<scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="%s" immediate="true">
				  <implementation class="%s"/>
				</scr:component>""".formatted(implementation.getSimpleName(), implementation.getName());
		return header("Service-Component", "OSGI-INF/component.xml")
				.header("Require-Capability", "osgi.extender;filter:=\"(osgi.extender=osgi.component)\"");
	}

	InputStream jar() {
		return new ByteArrayInputStream(bytes());
	}

	byte[] bytes() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
			jar.putNextEntry(new JarEntry("a/"));
			jar.putNextEntry(new JarEntry("a/b/content.txt"));
			jar.write(manifest.getMainAttributes().getValue("Bundle-Version").getBytes());
			if (component != null) {
				jar.putNextEntry(new JarEntry("OSGI-INF/component.xml"));
				jar.write(component.getBytes());
			}
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
		return bytes.toByteArray();
	}

	/** The activator of a bundle that does nothing. */
	public static final class Listening implements BundleActivator {
		@Override
		public void start(BundleContext context) {
			HEARD.add("start " + title(context));
		}

		@Override
		public void stop(BundleContext context) {
			HEARD.add("stop " + title(context));
		}

		private static String title(BundleContext context) {
			return context.getBundle().getSymbolicName() + " " + context.getBundle().getVersion();
		}
	}

	/** The activator of a bundle that cannot start. */
	public static final class Failing implements BundleActivator {
		@Override
		public void start(BundleContext context) {
			throw new IllegalStateException("no bits left");
		}

		@Override
		public void stop(BundleContext context) {}
	}

	/** A component that is fine. */
	public static final class GoodComponent {}

	/** A component that cannot be made. */
	public static final class BadComponent {
		/** Fails. */
		public BadComponent() {
			throw new IllegalStateException("no atoms left");
		}
	}
}
