package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Plugins.Plugin;
import vmhi.itest.faulty.FaultyDevice;
import vmhi.itest.faulty.FaultyFormat;
import vmhi.itest.faulty.FaultyRange;

/** Plug-ins that throw or hang: the guest notices a pause at most, other machines nothing, and the host goes on. */
@PaxExam
public class ContainmentTest {

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("ContainmentTest") };
	}

	private static Class<?> nested(Class<?> outer, String name) throws ClassNotFoundException {
		return Class.forName(outer.getName() + "$" + name, false, outer.getClassLoader());
	}

	private static Plugin install(Lab lab, String name, String version, Class<?> type) throws Exception {
		try (InputStream jar = Lab.bundle(name, version, type, nested(type, "Faulty"))) {
			return lab.hypervisor().plugins().install(jar);
		}
	}

	@Test
	public void aDeviceThatThrowsFromEveryMethodIsTakenOffTheBus() throws Exception {
		Lab lab = new Lab();
		Plugin faulty = install(lab, "faulty.device", "1.0.0", FaultyDevice.class);
		try (Lab.Running neighbour = lab.guest("counter", "ms=50").start("neighbour");
				Lab.Running guest = lab.guest("pioloop", "n=1000 port=249").device("faulty", Map.of()).start()) {
			guest.awaitEnd("pioloop: writes 1000 .*");

			assertFalse(guest.events("plugin.suspended").isEmpty(), "the operator was told");
			neighbour.awaitProgress();
		} finally {
			lab.hypervisor().plugins().remove(faulty.id());
		}
	}

	@Test
	public void aDeviceThatDoesNotComeBackLosesTheVcpu() throws Exception {
		Lab lab = new Lab();
		Plugin faulty = install(lab, "faulty.device", "1.0.0", FaultyDevice.class);
		try (Lab.Running neighbour = lab.guest("counter", "ms=50").start("neighbour");
				Lab.Running guest = lab.guest("pioloop", "n=1000 port=249").device("faulty", Map.of("hang", true))
						.start()) {
			neighbour.awaitProgress();
			guest.awaitEnd("pioloop: writes 1000 .*");

			assertFalse(guest.events("plugin.hung").isEmpty(), "the operator was told");
			neighbour.awaitProgress();
		} finally {
			lab.hypervisor().plugins().remove(faulty.id());
		}
	}

	@Test
	public void aMachineIsForcedOffWhileADeviceHoldsItsVcpu() throws Exception {
		Lab lab = new Lab();
		Plugin faulty = install(lab, "faulty.device", "1.0.0", FaultyDevice.class);
		try (Lab.Running guest = lab.guest("pioloop", "n=1000 port=249").device("faulty", Map.of("hang", true))
				.start()) {
			guest.machine().stop().join(Lab.SECONDS_30);

			assertEquals(MachineState.STOPPED, guest.state());
		} finally {
			lab.hypervisor().plugins().remove(faulty.id());
		}
	}

	@Test
	public void aGuestWaitsForAFormatThatThrowsAndGoesOnWithTheNextVersion() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("faulty.img", 2 << 20);
		Plugin faulty = install(lab, "faulty.format", "1.0.0", FaultyFormat.class);
		try (Lab.Running guest = lab.guest("disksum", "").disk(image, "faulty", true).start()) {
			guest.awaitState(MachineState.PAUSED);
			assertTrue(guest.machine().snapshot().reason().contains("faulty.format 1.0.0 keeps failing"),
					() -> guest.machine().snapshot().reason());

			try (InputStream next = Lab.bundle("faulty.format", "2.0.0", FaultyFormat.class,
					nested(FaultyFormat.class, "Faulty"))) {
				lab.hypervisor().plugins().update(faulty.id(), next);
			}
			String sum = guest.awaitEnd("sha256 ([0-9a-f]{64})").group(1);

			byte[] first = Arrays.copyOf(Files.readAllBytes(image), 1 << 20);
			assertEquals(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(first)), sum);
		} finally {
			lab.hypervisor().plugins().remove(faulty.id());
		}
	}

	@Test
	public void aRangeThatThrowsIsSuspendedAndTheOneBeforeServesAgainWhenItIsRemoved() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = lab.guest("hypercall", "n=0").start()) {
			guest.awaitOutput("calls [0-9]+");
			Plugin faulty = install(lab, "faulty.range", "9.0.0", FaultyRange.class);
			Lab.await("suspension", () -> guest.events("plugin.suspended").isEmpty() ? null : true);
			lab.hypervisor().plugins().remove(faulty.id());
			guest.awaitProgress();
			assertEquals(MachineState.RUNNING, guest.state());
			assertEquals("vmhi.hypercall", guest.machine().snapshot().plugins().stream()
					.filter(p -> p.role().equals("hypercall:core")).findFirst().orElseThrow().bundle());
		}
	}

	@Test
	public void aRangeThatHangsIsTakenFromTheVcpuAndTheHostGoesOn() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running neighbour = lab.guest("counter", "ms=50").start("neighbour");
				Lab.Running guest = lab.guest("hypercall", "n=0").start()) {
			guest.awaitOutput("calls [0-9]+");
			Plugin faulty = install(lab, "faulty.range.hang", "9.0.0", FaultyRange.class);
			Lab.await("giving up", () -> guest.events("plugin.hung").isEmpty() ? null : true);
			lab.hypervisor().plugins().remove(faulty.id());
			guest.awaitProgress();
			neighbour.awaitProgress();
			assertEquals(MachineState.RUNNING, guest.state());
		}
	}
}
