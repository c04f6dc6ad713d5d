package vmhi.api.vdisk;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Names the format that a {@link DiskFormat} component knows. It becomes the service property {@value #NAME} and, at
 * build time, a capability of the bundle in the namespace of that name, so that a resolver can find the bundle for a
 * format before it runs.
 */
@ComponentPropertyType
@Capability(namespace = VdiskFormat.NAME, version = VdiskFormat.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface VdiskFormat {

	/** Version of this contract: of the package, and of the capabilities of bundles that meet it. */
	String CONTRACT = "1.0.0";

	/** The namespace, and the service property. */
	String NAME = "vmhi.vdisk.format";

	/** With the name of this annotation it spells {@value #NAME}. */
	String PREFIX_ = "vmhi.";

	/** For example {@code "qcow2"}. */
	@Attribute(NAME)
	String value();
}
