package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.RunEnd;
import vmhi.api.memory.DirtySource;

class LeakTest {
	private static final int MACHINES = 200;

	@Test
	void twoHundredMachinesOneAfterAnotherLeaveNothing() throws Exception {
		whole();
		Held before = Held.now();
		for (int i = 0; i < MACHINES; i++)
			whole();

		assertEquals(before, Held.now());
	}

	@Test
	void twoHundredMachinesFourAtATimeLeaveNothing() throws Exception {
		whole();
		Held before = Held.now();
		List<CompletableFuture<Void>> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++)
			threads.add(KickTest.inThread(() -> {
				for (int machine = 0; machine < MACHINES / 4; machine++)
					whole();
			}));
		for (CompletableFuture<Void> thread : threads)
			thread.get(60, TimeUnit.SECONDS);

		assertEquals(before, Held.now());
	}

	@Test
	void machineThatCantBeMadeLeavesNothing() throws Exception {
		whole();
		Held before = Held.now();
		try (Ram ram = new Ram(1 << 20)) {
			CpuSetup impossible = new CpuSetup("m", ram, List.of(Guest.BACKEND.supportedCpuid()),
					List.of(new MsrRange(0, 1 << 20)), true);
			for (int i = 0; i < 20; i++)
				assertThrows(CpuException.class, () -> Guest.BACKEND.create(impossible, new TestHost()));
		}
		assertEquals(before, Held.now());
	}

	/**
	 * What a framework does when it updates this bundle: the classes come again, and the old ones have to be able to
	 * go.
	 */
	@Test
	void classesCanBeUnloadedWhenTheirMachinesAreClosed() throws Exception {
		assumeTrue(Guest.BACKEND.probe().fitness() != Fitness.UNAVAILABLE, () -> Guest.BACKEND.probe().summary());
		List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
		for (int i = 0; i < 3; i++)
			loaders.add(useAndForgetClasses());

		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (loaders.stream().anyMatch(l -> l.get() != null)) {
			assertTrue(System.nanoTime() < deadline, "a class loader is still reachable");
			System.gc();
			Thread.sleep(10);
		}
		whole(); // the signal still works
	}

	/** All a machine can have: two vCPUs, chips, doorbells, dirty log, state out and in. */
	static void whole() throws Exception {
		try (Guest guest = Guest.withChips(new TestHost(), 2)) {
			((Doorbells) guest.processor).doorbell(true, 0xe5, 1, false, 0, () -> {});
			((InterruptController) guest.processor).message(0xfee0_0000L, 0x40);
			((DirtySource) guest.processor).trackDirty(true);
			guest.code(Guest.CODE,
					0xe6, 0xe5, // out 0xe5, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 3);
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			guest.processor.vcpu(1).restore(guest.processor.vcpu(1).save());
		}
	}

	private static WeakReference<ClassLoader> useAndForgetClasses() throws Exception {
		URL[] classes = { LeakTest.class.getProtectionDomain().getCodeSource().getLocation(),
				KvmBackend.class.getProtectionDomain().getCodeSource().getLocation() };
		try (URLClassLoader loader = new Own(classes, LeakTest.class.getClassLoader())) {
			Class<?> again = loader.loadClass(LeakTest.class.getName());
			assertTrue(again != LeakTest.class);
			Method whole = again.getDeclaredMethod("whole");
			whole.setAccessible(true);
			whole.invoke(null);
			return new WeakReference<>(loader);
		}
	}

	/** Has this package for itself, and the rest from its parent, as a bundle has. */
	private static final class Own extends URLClassLoader {
		Own(URL[] urls, ClassLoader parent) {
			super(urls, parent);
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.startsWith("vmhi.kvm."))
				return super.loadClass(name, resolve);
			synchronized (getClassLoadingLock(name)) {
				Class<?> loaded = findLoadedClass(name);
				return loaded != null ? loaded : findClass(name);
			}
		}
	}

	/** What the process holds of KVM. */
	private record Held(long kvm, long events, long maps, long threads) {

		static Held now() throws IOException {
			return new Held(files("kvm"), files("eventfd") + files("eventpoll"), mapped(), running());
		}

		private static long files(String kind) throws IOException {
			try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
				return fds.filter(fd -> target(fd).contains(kind)).count();
			}
		}

		private static String target(Path fd) {
			try {
				return Files.readSymbolicLink(fd).toString();
			} catch (IOException e) {
				return ""; // that of the listing itself
			}
		}

		private static long mapped() throws IOException {
			try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
				return lines.filter(l -> l.contains("kvm")).count();
			}
		}

		private static long running() {
			return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("doorbells"))
					.count();
		}
	}
}
