package vmhi.launcher;

import java.nio.file.Path;
import java.util.List;

import picocli.CommandLine.Option;

/** What all commands that start a platform understand. */
final class Options {

	@Option(names = "--home", paramLabel = "DIR",
			description = "Directory of this host: state, plug-ins, cache (default: $VMHI_HOME, or .vmhi in your own).")
	private Path home;

	@Option(names = "--composition", paramLabel = "FILE",
			description = "What the platform is to be made of; see docs/launcher.md.")
	private Path composition;

	@Option(names = "--debug", description = "Log everything, and print stack traces.")
	private boolean debug;

	Path home() {
		return (home == null ? Home.usual() : home).toAbsolutePath().normalize();
	}

	boolean debug() {
		return debug;
	}

	/**
	 * Folders that plug-ins are taken from: the one that a user is told of, that of the distribution, and that where
	 * the core keeps what was installed while it ran.
	 */
	List<Path> pluginFolders(Dist dist) {
		return List.of(home().resolve("plugins"), dist.plugins(), home().resolve("plugins.d"));
	}

	/** Those of them that are followed while the platform runs. */
	List<Path> watchedFolders(Dist dist) {
		return List.of(home().resolve("plugins"), dist.plugins());
	}

	/** The one that is named, or one that comes with the launcher. */
	Composition composition(String builtIn) throws Problem {
		return composition == null ? Composition.builtIn(builtIn) : Composition.read(composition);
	}

	boolean namesComposition() {
		return composition != null;
	}

	/** Has the bundles log no less than this. To be called before one of them starts. */
	void logFrom(String level) {
		String property = "org.slf4j.simpleLogger.defaultLogLevel";
		if (debug)
			System.setProperty(property, "debug");
		else if (System.getProperty(property) == null)
			System.setProperty(property, level);
	}
}
