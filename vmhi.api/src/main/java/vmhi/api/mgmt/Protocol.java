package vmhi.api.mgmt;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;

/** Says on a class or package of a management bundle which protocol it speaks, so that a composition can ask for it. */
@Capability(namespace = Protocol.NAME, version = Protocol.CONTRACT)
@Retention(RetentionPolicy.CLASS)
@Target({ ElementType.TYPE, ElementType.PACKAGE })
public @interface Protocol {

	/** Version of this contract: of the package, and of the capabilities of bundles that meet it. */
	String CONTRACT = "1.0.0";

	/** The namespace of the capability. */
	String NAME = "vmhi.mgmt.protocol";

	/** For example {@code "rest"}. */
	@Attribute(NAME)
	String value();
}
