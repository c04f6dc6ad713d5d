package vmhi.launcher;

import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;

import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** One thing that a composition asks for, as a requirement of the resource that stands for the composition. */
final class Want implements Requirement {
	private final Resource composition;
	private final Feature feature;
	private final String capability;
	private final String what;
	private final BiPredicate<Jar, Capability> fits;

	/**
	 * @param capability in the words of a manifest, for messages
	 * @param what as the composition says it, for messages
	 * @param fits decides on a capability of the feature's namespace, and the jar that has it
	 */
	Want(Resource composition, Feature feature, String capability, String what, BiPredicate<Jar, Capability> fits) {
		this.composition = composition;
		this.feature = feature;
		this.capability = capability;
		this.what = what;
		this.fits = fits;
	}

	static Want of(Resource composition, Composition.Wish wish) {
		String capability = wish.feature().namespace() + "=" + wish.value();
		return new Want(composition, wish.feature(), capability, wish.toString(), (jar, provided) -> (wish.all()
				|| Objects.equals(provided.getAttributes().get(wish.feature().namespace()), wish.value()))
				&& (wish.range() == null || wish.range().includes(jar.version())));
	}

	/** A bundle for what it is. */
	static Want bundle(Resource composition, Jar jar) {
		return new Want(composition, Feature.BUNDLE, jar.toString(), jar.path().toString(),
				(other, provided) -> other.equals(jar));
	}

	Feature feature() {
		return feature;
	}

	String capability() {
		return capability;
	}

	boolean fits(Jar jar, Capability capability) {
		return fits.test(jar, capability);
	}

	@Override
	public String getNamespace() {
		return feature.namespace();
	}

	@Override
	public Map<String, String> getDirectives() {
		return Map.of();
	}

	@Override
	public Map<String, Object> getAttributes() {
		return Map.of();
	}

	@Override
	public Resource getResource() {
		return composition;
	}

	@Override
	public String toString() {
		return what;
	}
}
