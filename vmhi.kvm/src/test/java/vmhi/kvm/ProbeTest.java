package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.sun.jna.Function;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;

class ProbeTest {

	@TempDir
	Path folder;

	@Test
	void missingDeviceIsUnavailableWithWhatToDo() {
		HostVerdict verdict = Guest.backend(folder.resolve("kvm").toString()).probe();

		assertEquals(Fitness.UNAVAILABLE, verdict.fitness());
		assertEquals(0, verdict.maxVcpus());
		assertTrue(verdict.summary().startsWith(folder + "/kvm does not exist: load the module (`modprobe kvm"),
				verdict::summary);
	}

	@Test
	void fileThatIsNoDeviceOfKvmsIsUnavailable() throws Exception {
		Path file = Files.createFile(folder.resolve("kvm"));
		HostVerdict verdict = Guest.backend(file.toString()).probe();

		assertEquals(Fitness.UNAVAILABLE, verdict.fitness());
		assertTrue(verdict.summary().startsWith(file + " is not KVM's device"), verdict::summary);
		assertTrue(Guest.backend("/dev/null").probe().summary().startsWith("/dev/null is not KVM's device"));
	}

	@Test
	void deviceWithoutPermissionIsUnavailableWithTheGroupToJoin() throws Exception {
		Path file = Files.createFile(folder.resolve("kvm"));
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
		asNobody(() -> {
			HostVerdict verdict = Guest.backend(file.toString()).probe();

			assertEquals(Fitness.UNAVAILABLE, verdict.fitness());
			assertTrue(verdict.summary().startsWith("no permission to use " + file + ": "), verdict::summary);
			assertTrue(verdict.summary().contains("usermod -aG "), verdict::summary);
		});
	}

	@Test
	void whatProbeCallsUnavailableCreateRefusesInTheSameWords() {
		KvmBackend backend = Guest.backend("/dev/null");
		CpuSetup setup = new CpuSetup("m", null, List.of(new CpuidTable(List.of())), List.of(), true);

		CpuException refusal = assertThrows(CpuException.class, () -> backend.create(setup, new TestHost()));
		assertEquals(CpuException.Kind.UNAVAILABLE, refusal.kind());
		assertEquals(backend.probe().summary(), refusal.getMessage());
		assertThrows(CpuException.class, backend::supportedCpuid);
	}

	@Test
	void thisHostIsFastOrLimitedByWhatItDoes() {
		HostVerdict verdict = Guest.BACKEND.probe();
		System.out.println("this host: " + verdict);
		assumeTrue(verdict.fitness() != Fitness.UNAVAILABLE, verdict::summary);

		if (Files.isDirectory(Path.of("/sys/module/kvm_pvm")))
			assertEquals(Fitness.LIMITED, verdict.fitness());
		assertTrue(verdict.maxVcpus() >= 1 && verdict.maxVcpus() <= 255);
		assertFalse(verdict.details().isEmpty());
	}

	@Test
	void summarySaysHowSlowItIsAndWhatToUse() {
		assertEquals("/dev/kvm interprets supervisor code (about 1.3 million instructions a second; kvm_pvm kind): "
				+ "small guests run, Linux does not", KvmProbe.summary("/dev/kvm", 1.34e6));
		assertEquals("/dev/kvm runs guests at the speed of the processor", KvmProbe.summary("/dev/kvm", 2e9));
	}

	/** Root may open anything; so the thread gives that up for a while, which setfsuid(2) does for one thread alone. */
	private static void asNobody(Runnable action) {
		Function setfsuid = Function.getFunction("c", "setfsuid");
		int me = setfsuid.invokeInt(new Object[] { 65534 });
		try {
			action.run();
		} finally {
			setfsuid.invokeInt(new Object[] { me });
		}
	}
}
