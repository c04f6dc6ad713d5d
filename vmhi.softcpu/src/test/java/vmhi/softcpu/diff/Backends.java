package vmhi.softcpu.diff;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict.Fitness;

/** Makes backends outside a framework, by the names of their component classes. */
final class Backends {

	private Backends() {}

	/** The processor of this host. */
	static Optional<CpuBackend> kvm() {
		return make("vmhi.kvm.KvmBackend");
	}

	/** The one under test. */
	static Optional<CpuBackend> soft() {
		return make("vmhi.softcpu.SoftBackend");
	}

	/** Empty if there is no such class or the host cannot run it. */
	private static Optional<CpuBackend> make(String className) {
		try {
			Constructor<?> constructor = Class.forName(className).getConstructors()[0];
			Object[] arguments = new Object[constructor.getParameterCount()];
			for (int i = 0; i < arguments.length; i++)
				arguments[i] = defaults(constructor.getParameterTypes()[i]);
			CpuBackend backend = (CpuBackend) constructor.newInstance(arguments);
			return Optional.of(backend).filter(made -> made.probe().fitness() != Fitness.UNAVAILABLE);
		} catch (ClassNotFoundException e) {
			return Optional.empty();
		} catch (InstantiationException | IllegalAccessException | InvocationTargetException e) {
			throw new IllegalStateException(className + " cannot be made", e);
		}
	}

	/** A configuration annotation that has its defaults. */
	private static Object defaults(Class<?> annotation) {
		return Proxy.newProxyInstance(annotation.getClassLoader(), new Class<?>[] { annotation },
				(proxy, method, arguments) -> method.getDefaultValue());
	}
}
