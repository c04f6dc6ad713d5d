package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.MachineState;

/**
 * The chips of a PC are updated, or are away for a while, under a guest that lives on their interrupts and compares
 * their clocks.
 */
@PaxExam
public class BoardSwapTest {
	private static final String LAST_LINE = "clocks: stopped ticks ([0-9]+) tsc ([0-9]+) pm ([0-9]+) rtc ([0-9]+) "
			+ "heard ([0-9]+) gap ([0-9]+) backwards ([0-9]+)";
	private static final int TICKS = 1, TSC = 2, PM = 3, RTC = 4, HEARD = 5, GAP = 6, BACKWARDS = 7;

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("BoardSwapTest") };
	}

	private static Lab.Running clocks(Lab lab, String backend) throws Exception {
		Lab.Running guest = lab.guest("clocks", "ms=50").on(backend, "host").device(Lab.IRQCHIP, Map.of())
				.device("rtc", Map.of()).device("acpi", Map.of()).start();
		guest.awaitOutput("clocks: ticks [0-9]+");
		return guest;
	}

	private static Matcher end(Lab.Running guest) throws Exception {
		guest.type("q");
		Matcher end = guest.awaitEnd(LAST_LINE);
		System.out.println(end.group());
		assertEquals(0, number(end, BACKWARDS), "the time stamp counter went backwards");
		return end;
	}

	private static long number(Matcher line, int what) {
		return Long.parseLong(line.group(what));
	}

	/** One interrupt of the serial line, and some of the timer. */
	private static void interrupts(Lab.Running guest, int heard) throws Exception {
		guest.type(".");
		guest.awaitOutput("heard " + heard + "\n");
		guest.awaitProgress();
	}

	private static void updateControllers(Lab lab, String backend) throws Exception {
		try (Lab.Running guest = clocks(lab, backend)) {
			for (int i = 1; i <= 10; i++) {
				lab.update("vmhi.device.irqchip", 100 + i);
				interrupts(guest, i);
			}
			Matcher end = end(guest);
			assertEquals(11, number(end, HEARD), "one interrupt for each byte that was typed");
			assertTrue(number(end, TICKS) > 0);
			assertEquals(10, guest.events("plugin.exchanged").size());
		}
	}

	@Test
	public void interruptsGoOnWhileTheirControllerIsUpdatedUnderTheSoftwareCpu() throws Exception {
		updateControllers(new Lab(), Lab.SOFT);
	}

	@Test
	public void interruptsGoOnWhileTheirControllerIsUpdatedUnderKvm() throws Exception {
		Lab lab = new Lab();
		lab.needsKvm();
		updateControllers(lab, Lab.KVM);
	}

	@Test
	public void clocksGoOnWhileTheirChipsAreUpdated() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = clocks(lab, Lab.SOFT)) {
			for (int i = 1; i <= 10; i++) {
				lab.update("vmhi.device.rtc", 100 + i);
				lab.update("vmhi.device.acpi", 100 + i);
				guest.awaitProgress();
			}
			Matcher end = end(guest);
			assertEquals(number(end, TSC), number(end, PM), 50.0, "milliseconds by TSC and PM timer");
			// the time of day goes on while the machine stands for an update
			assertTrue(number(end, RTC) >= number(end, TSC) / 1000 - 1, "seconds by RTC");
		}
	}

	@Test
	public void aMachineWaitsForItsControllerAndItsCpuIsUpdatedMeanwhile() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = clocks(lab, Lab.SOFT)) {
			interrupts(guest, 1);
			lab.hypervisor().plugins().remove(lab.plugin("vmhi.device.irqchip").id());
			guest.type(".");
			lab.update("vmhi.softcpu", 200);
			assertEquals(MachineState.RUNNING, guest.state());
			lab.hypervisor().plugins()
					.install(new ByteArrayInputStream(Lab.renumbered("vmhi.device.irqchip", "1.1.200")));
			guest.awaitOutput("heard 2\n");
			interrupts(guest, 3);
			Matcher end = end(guest);
			assertEquals(4, number(end, HEARD));
			assertEquals(number(end, PM), number(end, TSC), 50.0, "no clock went on without the other");
		}
	}

	@Test
	public void timeOfAGuestStandsStillWhileItsMachineIsPaused() throws Exception {
		Lab lab = new Lab();
		long pause = 3_000;
		try (Lab.Running guest = clocks(lab, Lab.SOFT)) {
			guest.machine().pause().join(Lab.SECONDS_30);
			TimeUnit.MILLISECONDS.sleep(pause); // it is the time itself that is looked at
			guest.machine().resume().join(Lab.SECONDS_30);
			guest.awaitProgress();
			Matcher end = end(guest);
			assertTrue(number(end, GAP) < pause * 2 / 3, "the time stamp counter stood");
			assertEquals(number(end, TSC), number(end, PM), 50.0, "and so did the PM timer");
			assertTrue(number(end, RTC) >= pause / 1000, "but it is as late in the day as it is");
		}
	}
}
