package vmhi.launcher;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.apache.felix.utils.resource.CapabilitySet;
import org.apache.felix.utils.resource.RequirementImpl;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.BundleNamespace;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/**
 * Finds the bundles for a composition: those that have what it names, and what these in turn require, be it for
 * resolving or only for being of use ({@code effective:=active}). What a bundle requires optionally doesn't bring
 * anything in; the framework wires it to what happens to be there.
 */
final class CompositionResolver {
	/** Namespace of requirements for services, which are met at run time, by configuration too, or are not. */
	private static final String SERVICE = "osgi.service";

	/** What every platform needs, whatever it is for. */
	private static final List<String> ALWAYS = List.of(Jar.CORE, "org.apache.felix.configadmin");

	/** What bnd and the parser of manifests make of a name and a range of versions. */
	private static final Pattern USUAL_FILTER = Pattern.compile("(?:\\(&)?"
			+ "\\((?<namespace>[a-z.]+)=(?<value>[^()]+)\\)"
			+ "(?:\\((?:bundle-)?version(?:>=|=)(?<least>[^()]+)\\))?"
			+ "(?:\\(!\\((?:bundle-)?version>=(?<below>[^()]+)\\)\\))?\\)?");

	private final Repository repository;
	private final String where;
	private final Root composition = new Root();
	private final Map<Resource, Jar> jars = new HashMap<>();
	private final Map<String, List<Capability>> capabilities = new HashMap<>();

	/**
	 * @param system what the framework itself has
	 * @param where a bundle could be put by somebody who misses it, for messages
	 */
	CompositionResolver(Repository repository, Resource system, String where) {
		this.repository = repository;
		this.where = where;
		add(system);
		for (Jar jar : repository.jars()) {
			jars.put(jar.resource(), jar);
			add(jar.resource());
		}
		// stable: the framework stays first, and the order of the repository decides between equals
		capabilities.getOrDefault(PackageNamespace.PACKAGE_NAMESPACE, new ArrayList<>())
				.sort(Comparator.comparing((Capability c) -> c.getResource() != system)
						.thenComparing(CompositionResolver::version, Comparator.reverseOrder()));
	}

	Resolution resolve(Composition asked) throws Problem {
		List<String> remarks = new ArrayList<>(repository.remarks());
		List<Want> must = new ArrayList<>();
		// with true for those that may be left out silently if nothing is there
		List<Want> may = new ArrayList<>();
		for (String name : ALWAYS)
			must.add(Want.of(composition, new Composition.Wish(Feature.BUNDLE, name, null, false)));
		Map<Composition.Wish, List<Want>> groups = new LinkedHashMap<>();
		for (Composition.Wish wish : asked.wishes()) {
			Want want = Want.of(composition, wish);
			if (wish.all()) {
				List<Want> each = each(want);
				if (each.isEmpty() && !wish.optional())
					throw new Problem(missing(want, asked.name()));
				may.addAll(each);
				if (!wish.optional())
					groups.put(wish, each);
			} else if (!wish.optional()) {
				must.add(want);
			} else if (!providers(want).isEmpty()) {
				may.add(want);
			}
		}
		for (Jar jar : repository.jars())
			if (jar.plugin())
				may.add(Want.bundle(composition, jar));

		Set<Jar> chosen = chooseMost(asked, must, may, remarks);
		for (Map.Entry<Composition.Wish, List<Want>> group : groups.entrySet())
			if (group.getValue().stream()
					.noneMatch(want -> providers(want).stream().anyMatch(c -> chosen.contains(jar(c)))))
				throw new Problem(why(group.getValue().get(0), asked.name(), ""));
		return new Resolution(
				chosen.stream().map(jar -> new Resolution.Bundle(jar.path(), jar.startLevel())).toList(), remarks);
	}

	/** Solves for all that must be, and as much of what may be as goes together. */
	private Set<Jar> chooseMost(Composition asked, List<Want> must, List<Want> may, List<String> remarks)
			throws Problem {
		List<Want> wants = new ArrayList<>(must);
		wants.addAll(may);
		try {
			return choose(wants);
		} catch (ResolutionException e) {
			// find out below which one it is
		}
		wants = new ArrayList<>(must);
		Set<Jar> chosen;
		try {
			chosen = choose(wants);
		} catch (ResolutionException e) {
			for (Want want : must)
				if (!resolves(List.of(want)))
					throw new Problem(why(want, asked.name(), Problem.line(e)), e);
			throw new Problem("what the composition %s names does not go together: %s; leave something out"
					.formatted(asked.name(), Problem.line(e)), e);
		}
		for (Want want : may) {
			wants.add(want);
			try {
				chosen = choose(wants);
			} catch (ResolutionException e) {
				wants.remove(want);
				remarks.add(why(want, asked.name(), Problem.line(e)));
			}
		}
		return chosen;
	}

	private boolean resolves(List<Want> wants) {
		try {
			choose(wants);
			return true;
		} catch (ResolutionException e) {
			return false;
		}
	}

	private Set<Jar> choose(List<Want> wants) throws ResolutionException {
		composition.wants = List.copyOf(wants);
		Set<Jar> chosen = new TreeSet<>(Comparator.comparingInt(Jar::startLevel).thenComparing(Jar::path));
		for (Resource resource : new ResolverImpl(new Logger(Logger.LOG_ERROR), 1).resolve(new Context()).keySet())
			if (jars.containsKey(resource))
				chosen.add(jars.get(resource));
		return chosen;
	}

	/** A want for each bundle that could meet this one; its highest version will do. */
	private List<Want> each(Want want) {
		Set<String> names = new TreeSet<>();
		for (Capability capability : providers(want))
			names.add(jar(capability).name());
		return names.stream()
				.map(name -> new Want(composition, want.feature(), want.capability(), want.toString(),
						(jar, capability) -> jar.name().equals(name) && want.fits(jar, capability)))
				.toList();
	}

	private void add(Resource resource) {
		for (Capability capability : resource.getCapabilities(null))
			capabilities.computeIfAbsent(capability.getNamespace(), n -> new ArrayList<>()).add(capability);
	}

	private Jar jar(Capability capability) {
		return jars.get(capability.getResource());
	}

	private List<Capability> providers(Requirement requirement) {
		List<Capability> all = capabilities.getOrDefault(requirement.getNamespace(), List.of());
		if (requirement instanceof Want want)
			return all.stream().filter(c -> jar(c) != null && want.fits(jar(c), c)).toList();
		return all.stream().filter(c -> CapabilitySet.matches(c, requirement)).toList();
	}

	private static Version version(Capability capability) {
		Object version = capability.getAttributes().get(Constants.VERSION_ATTRIBUTE);
		return version instanceof Version v ? v : Version.emptyVersion;
	}

	private static boolean counts(Requirement requirement) {
		String effective = requirement.getDirectives()
				.getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE);
		return !requirement.getNamespace().equals(SERVICE) && !RequirementImpl.isOptional(requirement)
				&& (effective.equals(Namespace.EFFECTIVE_RESOLVE) || effective.equals(Namespace.EFFECTIVE_ACTIVE));
	}

	/** One line on what stands in the way of a want. */
	private String why(Want want, String name, String otherwise) {
		List<Capability> providers = providers(want);
		if (providers.isEmpty())
			return missing(want, name);
		for (Capability provider : providers) {
			Optional<Requirement> lack = lack(jar(provider), new HashSet<>());
			if (lack.isPresent())
				return lacks(lack.get(), want);
		}
		return "%s does not go with the other bundles: %s; leave it out or put another version into %s"
				.formatted(jar(providers.get(0)), otherwise, where);
	}

	private String missing(Want want, String name) {
		return "no bundle provides %s, which the composition %s asks for (%s); put one that does into %s"
				.formatted(want.capability(), name, want, where);
	}

	/** The requirement that no bundle meets, of this one or one that it needs. */
	private Optional<Requirement> lack(Jar jar, Set<Jar> seen) {
		if (jar == null || !seen.add(jar))
			return Optional.empty();
		for (Requirement requirement : jar.resource().getRequirements(null)) {
			if (!counts(requirement))
				continue;
			List<Capability> providers = providers(requirement);
			if (providers.isEmpty())
				return Optional.of(requirement);
			Optional<Requirement> deeper = Optional.empty();
			for (Capability provider : providers) {
				deeper = lack(jar(provider), seen);
				if (deeper.isEmpty())
					break;
			}
			if (deeper.isPresent())
				return deeper;
		}
		return Optional.empty();
	}

	private String lacks(Requirement lack, Want want) {
		Jar needy = jars.get(lack.getResource());
		if (lack.getNamespace().equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE))
			return "%s (%s) is for %s and this is Java %d; run it on another JDK or leave it out"
					.formatted(needy, want, describe(lack), Runtime.version().feature());
		return "no bundle provides %s, which %s needs (%s); put one that does into %s"
				.formatted(describe(lack), needy, want, where);
	}

	/** What a requirement asks for, in a reader's words where its filter is of the usual form. */
	static String describe(Requirement requirement) {
		String namespace = requirement.getNamespace();
		String filter = requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
		String what = switch (namespace) {
			case PackageNamespace.PACKAGE_NAMESPACE -> "package ";
			case BundleNamespace.BUNDLE_NAMESPACE, IdentityNamespace.IDENTITY_NAMESPACE -> "bundle ";
			default -> namespace + "=";
		};
		Matcher usual = USUAL_FILTER.matcher(filter);
		if (!usual.matches() || !usual.group("namespace").equals(namespace))
			return namespace + " " + filter;
		String least = usual.group("least"), below = usual.group("below");
		return what + usual.group("value")
				+ (least == null ? "" : " " + (below == null ? least : "[" + least + "," + below + ")"));
	}

	/** Stands for the composition: it has nothing and wants something. One object, whatever it wants at the time. */
	private static final class Root implements Resource {
		private List<Requirement> wants = List.of();

		@Override
		public List<Capability> getCapabilities(String namespace) {
			return List.of();
		}

		@Override
		public List<Requirement> getRequirements(String namespace) {
			return wants.stream().filter(want -> namespace == null || want.getNamespace().equals(namespace)).toList();
		}

		@Override
		public String toString() {
			return "the composition";
		}
	}

	/** The world as the resolver sees it. */
	private final class Context extends ResolveContext {
		@Override
		public List<Resource> getMandatoryResources() {
			return List.of(composition);
		}

		@Override
		public List<Capability> findProviders(Requirement requirement) {
			return new ArrayList<>(providers(requirement));
		}

		@Override
		public int insertHostedCapability(List<Capability> candidates, HostedCapability hosted) {
			candidates.add(hosted);
			return candidates.size() - 1;
		}

		@Override
		public boolean isEffective(Requirement requirement) {
			return counts(requirement);
		}

		@Override
		public Map<Resource, Wiring> getWirings() {
			return Map.of();
		}
	}
}
