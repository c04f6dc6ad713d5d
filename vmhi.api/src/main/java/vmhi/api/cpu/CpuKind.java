package vmhi.api.cpu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names the backend that a {@link CpuBackend} component is. It becomes the service property {@value #NAME} and, at
 * build time, a capability of the bundle in the namespace of that name.
 */
@ComponentPropertyType
@Capability(namespace = CpuKind.NAME, version = CpuKind.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface CpuKind {

	/** Version of this contract: of the package, and of the capabilities of bundles that meet it. */
	String CONTRACT = "1.1.0";

	/** The namespace, and the service property. */
	String NAME = "vmhi.cpu.kind";

	/** With the name of this annotation it spells {@value #NAME}. */
	String PREFIX_ = "vmhi.";

	/** For example {@code "kvm"}. */
	@Attribute(NAME)
	String value();
}
