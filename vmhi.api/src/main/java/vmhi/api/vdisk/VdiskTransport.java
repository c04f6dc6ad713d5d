package vmhi.api.vdisk;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Names the URI scheme that a {@link StorageTransport} component serves, as service property and capability. */
@ComponentPropertyType
@Capability(namespace = VdiskTransport.NAME, version = VdiskFormat.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface VdiskTransport {

	/** The namespace, and the service property. */
	String NAME = "vmhi.vdisk.transport";

	/** With the name of this annotation it spells {@value #NAME}. */
	String PREFIX_ = "vmhi.";

	/** A URI scheme in lower case, for example {@code "nbd"}. */
	@Attribute(NAME)
	String value();
}
