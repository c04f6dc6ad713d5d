package vmhi.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import org.apache.felix.utils.resource.ResourceBuilder;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/**
 * A bundle in a file.
 *
 * @param name its symbolic name
 * @param plugin whether it lies in a folder for plug-ins, and is wanted for that alone
 */
record Jar(Path path, String name, Version version, Resource resource, boolean plugin) {
	static final String CORE = "vmhi.core";
	static final String SHELL = "org.apache.felix.gogo.shell";

	// A framework stops level by level, from the highest. So nobody asks for anything any more when the core stops the
	// machines, and all that they need is still there then.
	private static final int LEVEL_LIBRARY = 1, LEVEL_PLUGIN = 2, LEVEL_CORE = 3, LEVEL_MANAGEMENT = 4;

	/** Level of bundles that come later. */
	static final int LEVEL_INITIAL = LEVEL_PLUGIN;

	/** Level at which all is running. */
	static final int LEVEL_ALL = LEVEL_MANAGEMENT;

	/** @throws Problem if it isn't a bundle; its message begins with the path */
	static Jar read(Path path, boolean plugin) throws Problem {
		Map<String, String> headers;
		try {
			headers = Dist.headers(path);
		} catch (IOException e) {
			throw new Problem(
					"%s is not a jar (%s); put a whole one in its place or delete it".formatted(path, Problem.line(e)),
					e);
		}
		if (!headers.containsKey(Constants.BUNDLE_SYMBOLICNAME))
			throw new Problem(
					"%s is not a bundle: its manifest has no Bundle-SymbolicName; build it with bnd or delete it"
							.formatted(path));
		try {
			Resource resource = ResourceBuilder.build(path.toUri().toString(), headers);
			Capability identity = resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE).get(0);
			return new Jar(path, (String) identity.getAttributes().get(IdentityNamespace.IDENTITY_NAMESPACE),
					(Version) identity.getAttributes().get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE), resource,
					plugin);
		} catch (BundleException | IllegalArgumentException e) {
			throw new Problem("%s has a manifest that makes no sense: %s; build it with bnd or delete it"
					.formatted(path, Problem.line(e)), e);
		}
	}

	/** Whether it has what a feature stands for. */
	boolean has(Feature feature) {
		return !resource.getCapabilities(feature.namespace()).isEmpty();
	}

	int startLevel() {
		if (has(Feature.MGMT) || name.equals(SHELL))
			return LEVEL_MANAGEMENT;
		if (name.equals(CORE))
			return LEVEL_CORE;
		for (Feature feature : Feature.values())
			if (feature != Feature.BUNDLE && has(feature))
				return LEVEL_PLUGIN;
		return LEVEL_LIBRARY;
	}

	/** Name and version. */
	@Override
	public String toString() {
		return name + " " + version;
	}
}
