package vmhi.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a test interface: its tests say what whoever implements a contract does. {@link TckReport} lists them. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Contract {

	/** The contract's package, for example {@code "vmhi.api.vdisk"}. */
	String value();

	/** The version of the contract that these tests were written for. */
	String version();
}
