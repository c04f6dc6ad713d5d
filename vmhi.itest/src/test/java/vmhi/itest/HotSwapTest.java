package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.regex.Matcher;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.MachineSnapshot;

/**
 * Bundles are updated while a guest does nothing but use them, and the guest finds nothing wrong. The numbers of updates
 * can be raised by the system property {@code vmhi.swaps}.
 */
@PaxExam
public class HotSwapTest {
	private static final int SWAPS = Integer.getInteger("vmhi.swaps", 100);

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("HotSwapTest") };
	}

	@Test
	public void everyHypercallGetsOneAnswerWhileTheBundleIsUpdatedAHundredTimes() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = lab.guest("hypercall", "n=0").start()) {
			guest.awaitOutput("calls [0-9]+");
			for (int i = 1; i <= SWAPS; i++)
				lab.update("vmhi.hypercall", i);
			guest.type("q");

			Matcher end = guest.awaitEnd("calls ([0-9]+) ok ([0-9]+) retried ([0-9]+) lost ([0-9]+) other ([0-9]+)");
			System.out.println("hypercalls under " + SWAPS + " updates: " + end.group());
			assertEquals(end.group(1), end.group(2), "all calls were answered well in the end");
			assertEquals("0", end.group(4), "lost");
			assertEquals("0", end.group(5), "other");
		}
	}

	@Test
	public void noByteOfADiskIsWrongWhileItsFormatIsUpdatedAHundredTimes() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("stress.img", 8 << 20);
		try (Lab.Running guest = lab.guest("diskstress", "n=0 ms=200").disk(image, "raw", false).start()) {
			guest.awaitOutput("round [0-9]+ errors 0");
			for (int i = 1; i <= SWAPS; i++)
				lab.update("vmhi.vdisk.raw", i);
			guest.type("q");

			Matcher end = guest.awaitEnd("rounds ([0-9]+) errors ([0-9]+)");
			System.out.println("disk under " + SWAPS + " updates: " + end.group());
			assertTrue(Integer.parseInt(end.group(1)) > 0);
			assertEquals("0", end.group(2));
			assertTrue(guest.events("plugin.exchanged").size() + guest.events("plugin.absent").size() >= SWAPS,
					"each update reached the drive");
		}
	}

	@Test
	public void aRunningGuestGoesOnFromTheSameInstructionWhenItsCpuIsUpdated() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = lab.guest("counter", "ms=50").start()) {
			guest.awaitOutput("tick [0-9]+");
			for (int i = 1; i <= Math.max(10, SWAPS / 5); i++) {
				lab.update(lab.backendBundle(), i);
				guest.awaitProgress();
			}
			guest.type("q");

			guest.awaitEnd("counter: stopped at [0-9]+");
			assertTrue(!guest.output().contains("LOST"));
		}
	}

	@Test
	public void devicesAreUpdatedUnderAGuestThatUsesThem() throws Exception {
		Lab lab = new Lab();
		Path image = lab.image("devices.img", 8 << 20);
		try (Lab.Running guest = lab.guest("diskstress", "n=0 ms=100").disk(image, "raw", false).start()) {
			guest.awaitOutput("round [0-9]+ errors 0");
			for (int i = 1; i <= 10; i++) {
				lab.update("vmhi.device.pvblock", i);
				lab.update("vmhi.device.serial", i);
				guest.awaitProgress();
			}
			guest.type("q");

			assertEquals("0", guest.awaitEnd("rounds [0-9]+ errors ([0-9]+)").group(1));
		}
	}

	@Test
	public void twoVersionsOfOneBundleServeTwoMachinesAtOnce() throws Exception {
		Lab lab = new Lab();
		Path first = lab.image("first.img", 2 << 20);
		Path second = lab.image("second.img", 2 << 20);
		String before = lab.plugin("vmhi.vdisk.raw").version();
		var next = lab.hypervisor().plugins().install(new ByteArrayInputStream(
				Lab.renumbered("vmhi.vdisk.raw", "2.0.0")));
		try (Lab.Running old = lab.guest("counter", "ms=50").disk(first, "raw", true).boundTo("disk:raw", before)
				.start("old");
				Lab.Running young = lab.guest("counter", "ms=50").disk(second, "raw", true)
						.boundTo("disk:raw", "[2.0,3)").start("young")) {
			assertEquals(before, served(old.machine().snapshot()));
			assertEquals("2.0.0", served(young.machine().snapshot()));
			old.awaitProgress();
			young.awaitProgress();
		} finally {
			lab.hypervisor().plugins().remove(next.id());
		}
	}

	private static String served(MachineSnapshot machine) {
		return machine.plugins().stream().filter(p -> p.role().equals("disk:raw")).findFirst().orElseThrow().version();
	}
}
