package vmhi.api.device;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Names the kind of device that a {@link DeviceFactory} component makes, as service property and capability. */
@ComponentPropertyType
@Capability(namespace = DeviceKind.NAME, version = DeviceKind.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface DeviceKind {

	/** Version of this contract: of the package, and of the capabilities of bundles that meet it. */
	String CONTRACT = "1.0.0";

	/** The namespace, and the service property. */
	String NAME = "vmhi.device.kind";

	/** With the name of this annotation it spells {@value #NAME}. */
	String PREFIX_ = "vmhi.";

	/** The word that a machine's specification uses, for example {@code "serial"}. */
	@Attribute(NAME)
	String value();
}
