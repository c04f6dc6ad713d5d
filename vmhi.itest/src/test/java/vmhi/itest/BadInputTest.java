package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.mgmt.Plugins.Plugin;
import vmhi.itest.faulty.FaultyDevice;

/** What is wrong is refused in one line that says what and what to do, and nothing half-made stays behind. */
@PaxExam
public class BadInputTest {

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("BadInputTest") };
	}

	/** A refusal is one line for people, and names what is wrong. */
	private static void assertSays(String what, MachineException refusal) {
		System.out.println("refused: " + refusal.getMessage());
		assertFalse(refusal.getMessage().contains("\n"), refusal::getMessage);
		assertTrue(refusal.getMessage().contains(what), refusal::getMessage);
	}

	@Test
	public void aMissingImageIsNamed() throws Exception {
		Lab lab = new Lab();
		assertSays("/nowhere/disk.img does not exist", assertThrows(MachineException.class,
				() -> lab.guest("disksum", "").disk(Path.of("/nowhere/disk.img"), "raw", true).start()));
	}

	@Test
	public void anImageThatAnotherMachineWritesIsNotOpenedTwice() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("shared.img", 1 << 20);
		try (Lab.Running owner = lab.guest("counter", "").disk(image, "raw", false).start("owner")) {
			MachineException refusal = assertThrows(MachineException.class,
					() -> lab.guest("disksum", "").disk(image, "raw", true).start("other"));
			assertSays("is in use by machine owner; stop that one first", refusal);
			owner.awaitProgress();
		}
		try (Lab.Running reader = lab.guest("disksum", "").disk(image, "raw", true).start("other")) {
			reader.awaitEnd("sha256 [0-9a-f]{64}");
		}
	}

	@Test
	public void aFormatThatNobodyKnowsIsNamed() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("unknown.img", 1 << 20);
		assertSays("no plug-in for disk:qcow9; install one", assertThrows(MachineException.class,
				() -> lab.guest("disksum", "").disk(image, "qcow9", true).start()));
	}

	@Test
	public void aKernelThatIsNotOneIsRefused() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("kernel.bin", 1 << 16);
		MachineSpec spec = lab.guest("hello", "").spec("odd");
		MachineSpec odd = new MachineSpec(spec.name(), Map.of(), spec.cpu(), spec.memory(),
				new MachineSpec.Boot(MachineSpec.Protocol.AUTO, image.toString(), "", "", 0x100000), List.of(),
				spec.devices(), spec.hypercalls(), Map.of(), spec.onReset(), false);
		var machine = lab.hypervisor().machines().define(odd);
		try {
			assertSays("is neither a Linux bzImage nor an ELF with a PVH entry",
					assertThrows(MachineException.class, () -> machine.start().join(Lab.SECONDS_30)));
		} finally {
			lab.hypervisor().machines().delete("odd");
		}
	}

	@Test
	public void aDeviceThatNobodyMakesAndASettingThatNobodyKnowsAreNamed() throws Exception {
		Lab lab = new Lab();
		assertSays("devices[2]: no plug-in for device:teapot", assertThrows(MachineException.class,
				() -> lab.guest("hello", "").device("teapot", Map.of()).start()));
		assertSays("devices[2].collour", assertThrows(MachineException.class,
				() -> lab.guest("hello", "").device("pvblock", Map.of("collour", "red", "drive", "none")).start()));
	}

	@Test
	public void aJarThatIsNoBundleOrDoesNotResolveLeavesNothing() throws Exception {
		Lab lab = new Lab();
		List<Plugin> before = lab.hypervisor().plugins().list();
		assertSays("not a", assertThrows(MachineException.class,
				() -> lab.hypervisor().plugins().install(new ByteArrayInputStream("no jar".getBytes()))));
		assertSays("vmhi.api.teapot", assertThrows(MachineException.class, () -> lab.hypervisor().plugins()
				.install(Lab.bundleThatNeeds("vmhi.api.teapot", FaultyDevice.class))));
		assertEquals(before, lab.hypervisor().plugins().list());
	}

	@Test
	public void aFailedStartGivesEverythingBack() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("back.img", 1 << 20);
		long descriptors = descriptors();
		for (int i = 0; i < 20; i++)
			assertThrows(MachineException.class, () -> lab.guest("disksum", "").disk(image, "raw", false)
					.device("teapot", Map.of()).start());
		assertTrue(descriptors() <= descriptors + 5,
				"file descriptors: %d, then %d".formatted(descriptors, descriptors()));
		try (Lab.Running guest = lab.guest("disksum", "").disk(image, "raw", false).start()) {
			guest.awaitEnd("sha256 [0-9a-f]{64}");
		}
	}

	private static long descriptors() throws Exception {
		try (var files = Files.list(Path.of("/proc/self/fd"))) {
			return files.count();
		}
	}
}
