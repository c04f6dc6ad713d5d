package vmhi.softcpu.core;

import java.lang.reflect.Field;

/** The host's memory by address: guest RAM and the tables of address translation. Every address has been checked. */
@SuppressWarnings("removal")
public final class Memory {
	/** What reads and writes it. */
	public static final sun.misc.Unsafe UNSAFE = unsafe();

	private Memory() {}

	private static sun.misc.Unsafe unsafe() {
		try {
			Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
			field.setAccessible(true);
			return (sun.misc.Unsafe) field.get(null);
		} catch (ReflectiveOperationException e) {
			throw new ExceptionInInitializerError(e);
		}
	}
}
