package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineState;

/** A guest in the middle of its work goes from one CPU backend to another, or to another version of its own. */
@PaxExam
public class BackendSwapTest {

	/** What both backends can do: a guest that is told of more than that stays where it is. */
	private static final String COMMON_MODEL = "x86-64";

	private static final int MOVES = 20;

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("BackendSwapTest") };
	}

	@Test
	public void aRunningGuestGoesOnFromTheSameInstructionWhenTheSoftwareCpuIsUpdated() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = lab.guest("counter", "ms=50").on(Lab.SOFT, "host").start()) {
			guest.awaitOutput("tick [0-9]+");
			for (int i = 1; i <= 20; i++) {
				lab.update("vmhi.softcpu", 100 + i);
				guest.awaitProgress();
			}
			guest.type("q");

			guest.awaitEnd("counter: stopped at [0-9]+");
			assertFalse(guest.output().contains("LOST"));
			assertEquals(20, guest.events("plugin.exchanged").size());
		}
	}

	@Test
	public void aRunningGuestMovesBetweenKvmAndTheSoftwareCpu() throws Exception {
		Lab lab = new Lab();
		lab.needsKvm();
		try (Lab.Running guest = lab.guest("counter", "ms=50").on(Lab.KVM, COMMON_MODEL)
				.device(Lab.IRQCHIP, Map.of()).start()) {
			guest.awaitOutput("tick [0-9]+");
			for (int i = 0; i < 5; i++)
				for (String backend : new String[] { Lab.SOFT, Lab.KVM }) {
					guest.machine().moveTo(backend).join(Lab.SECONDS_30);
					assertEquals(backend, guest.machine().snapshot().backend());
					guest.awaitProgress();
				}
			guest.type("q");

			guest.awaitEnd("counter: stopped at [0-9]+");
			assertFalse(guest.output().contains("LOST"));
		}
	}

	@Test
	public void whatAGuestComputesIsRightAlthoughItMovesAgainAndAgain() throws Exception {
		Lab lab = new Lab();
		lab.needsKvm();
		long iterations = 500_000_000;
		try (Lab.Running guest = lab.guest("compute", "n=" + iterations).on(Lab.KVM, COMMON_MODEL)
				.device(Lab.IRQCHIP, Map.of()).start()) {
			int moves = 0;
			while (moves < MOVES && moveToTheOther(guest.machine()))
				moves++;
			String checksum = guest.awaitEnd("compute: iterations [0-9]+ checksum 0x([0-9a-f]{16})").group(1);
			assertEquals("%016x".formatted(checksum(iterations)), checksum);
			assertTrue(moves > 1, "it moved there and back while it computed");
		}
	}

	/** @return {@code false} if the machine has ended */
	private static boolean moveToTheOther(Machine machine) throws Exception {
		String other = machine.snapshot().backend().equals(Lab.KVM) ? Lab.SOFT : Lab.KVM;
		try {
			machine.moveTo(other).join(Lab.SECONDS_30);
			return true;
		} catch (MachineException e) {
			return Lab.await("end of the machine", () -> {
				if (machine.snapshot().state() != MachineState.STOPPED)
					throw e; // was it refused for another reason? it is told if no end comes
				return false;
			});
		}
	}

	/** As at the head of {@code compute.asm}. */
	private static long checksum(long iterations) {
		long x = 0x9e3779b97f4a7c15L, sum = 0;
		for (long i = iterations; i > 0; i--) {
			x ^= x << 13;
			x ^= x >>> 7;
			x ^= x << 17;
			sum = Long.rotateLeft(sum, 5) + x * i;
		}
		return sum;
	}
}
