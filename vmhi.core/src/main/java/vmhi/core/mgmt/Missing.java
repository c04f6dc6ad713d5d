package vmhi.core.mgmt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Namespace;

/** Says in a line for people what a bundle that does not resolve lacks. */
final class Missing {

	// as the framework makes it from a version range: (version>=1.0.0)(!(version>=2.0.0))
	private static final Pattern LEAST = Pattern.compile("(?<!!)\\([a-z.-]*version(>=|=)([^)]+)\\)");
	private static final Pattern BELOW = Pattern.compile("\\(!\\([a-z.-]*version>=([^)]+)\\)\\)");
	private static final Pattern ABOVE = Pattern.compile("\\(!\\([a-z.-]*version<=([^)]+)\\)\\)");
	private static final Pattern MOST = Pattern.compile("(?<!!)\\([a-z.-]*version<=([^)]+)\\)");
	private static final Pattern JAVA = Pattern.compile("\\(osgi\\.ee=JavaSE\\)\\(version=([0-9.]+)\\)");

	private final Bundle[] bundles;

	/** To look for what is missing in all these. */
	Missing(Bundle[] bundles) {
		this.bundles = bundles;
	}

	/** The first requirement that nobody meets, and how many others there are; empty if there is none. */
	Optional<String> of(Bundle bundle) {
		List<String> lines = new ArrayList<>();
		BundleRevision revision = bundle.adapt(BundleRevision.class);
		if (revision == null)
			return Optional.empty(); // uninstalled meanwhile
		for (BundleRequirement requirement : revision.getDeclaredRequirements(null))
			if (!optional(requirement))
				unmet(requirement).ifPresent(lines::add);
		if (lines.isEmpty())
			return Optional.empty();
		return Optional.of(lines.get(0) + (lines.size() == 1 ? "" : " (and %d more)".formatted(lines.size() - 1)));
	}

	private static boolean optional(BundleRequirement requirement) {
		Map<String, String> directives = requirement.getDirectives();
		return Namespace.RESOLUTION_OPTIONAL.equals(directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
				|| "dynamic".equals(directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
				|| !Namespace.EFFECTIVE_RESOLVE.equals(directives.getOrDefault(
						Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE));
	}

	private Optional<String> unmet(BundleRequirement requirement) {
		Bundle unresolved = null;
		for (Bundle bundle : bundles)
			for (BundleCapability capability : capabilities(bundle, requirement.getNamespace()))
				if (requirement.matches(capability)) {
					if (bundle.getState() != Bundle.INSTALLED || bundle.equals(requirement.getRevision().getBundle()))
						return Optional.empty();
					unresolved = bundle;
				}
		String what = "needs " + describe(requirement);
		return Optional.of(unresolved == null ? what + ", which nobody provides" + others(requirement)
				: "%s, whose provider %s lacks something itself".formatted(what, unresolved.getSymbolicName()));
	}

	private static List<BundleCapability> capabilities(Bundle bundle, String namespace) {
		BundleRevision revision = bundle.adapt(BundleRevision.class);
		return revision == null ? List.of() : revision.getDeclaredCapabilities(namespace);
	}

	private static String describe(BundleRequirement requirement) {
		String filter = requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
		switch (requirement.getNamespace()) {
			case PackageNamespace.PACKAGE_NAMESPACE:
				return "package " + packageName(filter) + versions(filter);
			case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE:
				Matcher java = JAVA.matcher(filter);
				return java.find() ? "Java " + java.group(1) : "an environment " + filter;
			default:
				return "%s %s".formatted(requirement.getNamespace(), filter);
		}
	}

	private static String packageName(String filter) {
		return value(Pattern.compile("\\(" + Pattern.quote(PackageNamespace.PACKAGE_NAMESPACE) + "=([^)]+)\\)"), filter,
				1);
	}

	/** {@code " version [1.2,2)"}, or {@code ""} if any will do. */
	private static String versions(String filter) {
		String least = value(LEAST, filter, 2);
		String above = value(ABOVE, filter, 1);
		String below = value(BELOW, filter, 1);
		String most = value(MOST, filter, 1);
		if (least.isEmpty() && above.isEmpty())
			return "";
		String from = least.isEmpty() ? "(" + plain(above) : "[" + plain(least);
		if (below.isEmpty() && most.isEmpty())
			return " version " + from.substring(1) + " or later";
		return " version " + from + "," + (below.isEmpty() ? plain(most) + "]" : plain(below) + ")");
	}

	private static String value(Pattern pattern, String filter, int group) {
		Matcher matcher = pattern.matcher(filter);
		return matcher.find() ? matcher.group(group) : "";
	}

	/** A version without the zeros that nobody writes. */
	private static String plain(String version) {
		return version.replaceFirst("(\\.0){1,2}$", "");
	}

	/** In which versions a package is there, if it is. */
	private String others(BundleRequirement requirement) {
		if (!requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE))
			return "";
		String name = packageName(requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, ""));
		TreeSet<String> versions = new TreeSet<>();
		for (Bundle bundle : bundles)
			for (BundleCapability capability : capabilities(bundle, requirement.getNamespace()))
				if (name.equals(capability.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE))
						&& capability.getAttributes().get(Constants.VERSION_ATTRIBUTE) instanceof Version version)
					versions.add(plain(version.toString()));
		return versions.isEmpty() ? "" : "; here it is " + String.join(", ", versions);
	}
}
