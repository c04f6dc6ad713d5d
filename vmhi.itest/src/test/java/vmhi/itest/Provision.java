package vmhi.itest;

import static org.ops4j.pax.exam.CoreOptions.bootClasspathLibrary;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.propagateSystemProperties;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

import org.ops4j.pax.exam.Option;

/** What the frameworks of the tests are filled with: bundles of the distribution, as the launcher would find them. */
final class Provision {

	private Provision() {}

	/** The bundles of these names, from the distribution. */
	static Option bundles(String... names) {
		return composite(Stream.of(names).map(name -> install(folder().resolve(name + ".jar"))).toArray(Option[]::new));
	}

	/** Declarative Services and Configuration Admin, and what these two need. */
	static Option components() {
		return bundles("vmhi.logging", "org.osgi.util.function", "org.osgi.util.promise",
				"org.osgi.service.component", "org.apache.felix.configadmin", "org.apache.felix.scr");
	}

	/** Every bundle of the distribution but those of the shell; HTTP on a free port of the loopback interface. */
	static Option distribution() {
		try (Stream<Path> files = Files.list(folder())) {
			return composite(
					install(library("vmhi.api")), install(library("vmhi.guest")),
					composite(files.filter(file -> file.toString().endsWith(".jar"))
							.filter(file -> !file.getFileName().toString().contains("gogo"))
							.filter(file -> !file.getFileName().toString().contains("shell"))
							.sorted().map(Provision::install).toArray(Option[]::new)),
					frameworkProperty("org.osgi.service.http.port").value("0"),
					frameworkProperty("org.apache.felix.http.host").value("127.0.0.1"));
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** The distribution, with a home of its own that is empty. */
	static Option platform(String test) {
		Path home = Path.of("target", "exam", test + "-home").toAbsolutePath();
		delete(home);
		return composite(distribution(), sharedJUnit(), frameworkProperty("vmhi.home").value(home.toString()),
				propagateSystemProperties("vmhi.dist", "vmhi.example.range"));
	}

	private static void delete(Path folder) {
		try (Stream<Path> files = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList())
				Files.delete(file);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** The driver's own JUnit and slf4j, shared with a framework in this JVM, so that a failure crosses as itself. */
	static Option sharedJUnit() {
		return systemPackages("org.junit.jupiter.api;version=5.13.4", "org.junit.jupiter.api.function;version=5.13.4",
				"org.junit.jupiter.api.extension;version=5.13.4", "org.opentest4j;version=1.3.0",
				"org.slf4j;version=1.7.36"); // the version that the bundles of Pax Exam ask for
	}

	/** The same for a framework in a JVM of its own, where these have to be put on the class path first. */
	static Option forkedJUnit() {
		Stream<Option> libraries = Stream.of(org.junit.jupiter.api.Test.class,
				org.junit.platform.commons.JUnitException.class, org.opentest4j.AssertionFailedError.class,
				org.slf4j.LoggerFactory.class, org.slf4j.simple.SimpleServiceProvider.class)
				.map(type -> type.getProtectionDomain().getCodeSource().getLocation().toString())
				.map(jar -> bootClasspathLibrary(jar).afterFramework());
		return composite(Stream.concat(libraries, Stream.of(sharedJUnit())).toArray(Option[]::new));
	}

	/** A jar on the launcher's class path that is a bundle, too. */
	private static Path library(String name) {
		return Path.of(System.getProperty("vmhi.dist"), "lib", name + ".jar");
	}

	private static Path folder() {
		return Path.of(System.getProperty("vmhi.dist"), "bundles");
	}

	private static Option install(Path jar) {
		return bundle(jar.toUri().toString());
	}
}
