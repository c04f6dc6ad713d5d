package vmhi.itest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.OptionUtils;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.TestContainerFactory;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.nat.internal.NativeTestContainerFactory;
import org.ops4j.pax.exam.spi.PaxExamRuntime;

/**
 * Runs each {@code @Test} method of a class inside an OSGi framework, one framework for the class. What the framework
 * holds is said by a public static method of the class that is marked {@code @Configuration}.
 * <p>
 * Pax Exam has no driver for JUnit 5; this is one, on its own SPI. The test class and its methods are public, because
 * Pax Exam calls them from another bundle. JUnit makes an object of the class outside the framework as well, so no field
 * may need a bundle. Methods before and after each test, and parameters, do not reach into the framework.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(PaxExam.Driver.class)
public @interface PaxExam {

	/** In this JVM, or in one of its own: {@code ForkedTestContainerFactory}. */
	Class<? extends TestContainerFactory> value() default NativeTestContainerFactory.class;

	/** Starts the framework before the first test, sends each test into it, and stops it after the last. */
	final class Driver implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
		private final Map<String, TestAddress> addresses = new HashMap<>();
		private TestContainer container;

		@Override
		public void beforeAll(ExtensionContext context) throws Exception {
			Class<?> test = context.getRequiredTestClass();
			// without a working directory Pax Exam leaves its folders in the machine's temp folder
			ExamSystem system = PaxExamRuntime.createTestSystem(OptionUtils.combine(configuration(test),
					CoreOptions.workingDirectory("target/exam/" + test.getSimpleName())));
			container = PaxExamRuntime.getTestContainerFactory(test.getAnnotation(PaxExam.class).value())
					.create(system)[0];
			container.start();
			TestProbeBuilder probe = system.createProbe();
			for (Method method : test.getMethods())
				if (method.isAnnotationPresent(Test.class))
					addresses.put(method.getName(), probe.addTest(test, method.getName()));
			container.installProbe(probe.build().getStream());
		}

		private static Option[] configuration(Class<?> test) throws ReflectiveOperationException {
			for (Method method : test.getMethods())
				if (method.isAnnotationPresent(Configuration.class))
					return (Option[]) method.invoke(null);
			return new Option[0];
		}

		@Override
		public void interceptTestMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
				ExtensionContext context) throws Throwable {
			invocation.skip();
			try {
				container.call(addresses.get(method.getExecutable().getName()));
			} catch (RuntimeException e) {
				throw innermost(e);
			}
		}

		/** The assertion, or the assumption, that Pax Exam has wrapped several times over. */
		private static Throwable innermost(Throwable failure) {
			Throwable t = failure;
			while (t.getCause() != null && !(t instanceof AssertionError))
				t = t.getCause();
			return t;
		}

		@Override
		public void afterAll(ExtensionContext context) {
			if (container != null)
				container.stop();
		}
	}
}
