package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** The framework that the distribution is made for starts, with the two services that all else stands on. */
@PaxExam
public class FrameworkTest {

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.components(), Provision.sharedJUnit() };
	}

	private static BundleContext context() {
		return FrameworkUtil.getBundle(FrameworkTest.class).getBundleContext();
	}

	@Test
	public void isFelixOfTheVersionWeShip() {
		Bundle framework = context().getBundle(0);

		assertEquals("org.apache.felix.framework", framework.getSymbolicName());
		assertEquals("7.0.5", framework.getVersion().toString());
	}

	@Test
	public void offersDeclarativeServices() {
		assertNotNull(context().getServiceReference("org.osgi.service.component.runtime.ServiceComponentRuntime"));
	}

	@Test
	public void offersConfigurationAdmin() {
		assertNotNull(context().getServiceReference("org.osgi.service.cm.ConfigurationAdmin"));
	}
}
