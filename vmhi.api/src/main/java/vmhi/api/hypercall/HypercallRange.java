package vmhi.api.hypercall;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Names the range that a {@link RangeProvider} component serves, as service property and capability. */
@ComponentPropertyType
@Capability(namespace = HypercallRange.NAME, version = Abi.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface HypercallRange {

	/** The namespace, and the service property. */
	String NAME = "vmhi.hypercall.range";

	/** With the name of this annotation it spells {@value #NAME}. */
	String PREFIX_ = "vmhi.";

	/** For people and compositions, for example {@code "console"}; the UUID in {@link RangeInfo} is what binds. */
	@Attribute(NAME)
	String value();
}
