package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bundle that executes a guest is exchanged under Linux, in the daemon as an operator does it, while programs
 * compute. The new bundle goes on from the {@code CpuState} that the old one left, and nobody in the guest notices.
 */
class ExchangeTest {
	private static final boolean LONG = Boolean.getBoolean("vmhi.linux.long");
	private static final int EXCHANGES = LONG ? 50 : 4;
	private static final int BOOT_EXCHANGES = LONG ? 30 : 3;
	private static final Duration BOOT = Duration.ofSeconds(180);
	private static final Duration MOMENT = Duration.ofSeconds(120);
	private static final String BUNDLE = "vmhi.softcpu", ROLE = "\"cpu:soft\"";
	/** Prints what the kernel has logged since with level err and worse, or about its clock. */
	private static final String KERNEL_LOG = "echo kernel log begins; dmesg -r | grep -E '^<[0-3]>|clocksource|TSC'; "
			+ "echo kernel log ends";

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void programsInTheGuestGoOnWhileItsCpuIsExchanged(int vcpus) throws Exception {
		int threads = vcpus + 1; // one has to wait for another, so the scheduler's timer matters
		try (Platform platform = new Platform()) {
			platform.startLinux(Images.root(), "dmesg -c >/tmp/boot; steady " + threads + "; " + KERNEL_LOG, vcpus,
					"768M", "quiet");
			platform.await("steady: began .*\n", BOOT);
			long began = System.nanoTime();
			awaitRounds(platform, threads);
			double stood = 0;
			for (int i = 1; i <= EXCHANGES; i++) {
				stood += exchange(platform, i);
				awaitRounds(platform, threads);
			}
			platform.type("");
			platform.await("steady: ended .*\n", MOMENT);
			double host = (System.nanoTime() - began) / 1e9;
			long now = System.currentTimeMillis();
			platform.await("kernel log ends\n", MOMENT);
			platform.awaitEvent(MOMENT, "\"machine.state\"", "\"stopped\"", "\"status\":\"0\"");

			String text = platform.text();
			Steady.Times times = Steady.times(text);
			System.out.printf("%d vCPU, %d exchanges in %.1f s, in %.1f s of which it stood: %d rounds, %s%n", vcpus,
					EXCHANGES, host, stood, Steady.check(text, threads), times);
			assertEquals("", text.replaceAll("(?s).*kernel log begins\n|kernel log ends\n.*", ""));
			assertEquals(0, times.backwards(), "no clock went backwards");
			assertTrue(times.signals() > 10 && times.faults() > 1000, times::toString);
			// the clocks of a machine stand while it does
			assertEquals(host - stood, times.seconds(), 1, "the guest's clock goes as the host's does");
			assertEquals(now / 1e3 - stood, times.realtime() / 1e3, 2, "it is as late in the guest as it is");
		}
	}

	/** On the way from real mode through all others, and while the second processor is started. */
	@Test
	void kernelBootsWhileItsCpuIsExchanged() throws Exception {
		try (Platform platform = new Platform()) {
			platform.startLinux(Images.shell(), "nproc", 2, "512M", "");
			int exchanges = 0;
			// it runs while the next bundle is made and sent
			while (exchanges < BOOT_EXCHANGES && !platform.text().contains("init: "))
				exchange(platform, ++exchanges);
			platform.await("\n2\ninit: done, status 0\n", BOOT);
			platform.awaitEvent(MOMENT, "\"machine.state\"", "\"stopped\"", "\"status\":\"0\"");
			System.out.printf("%d exchanges during a boot%n", exchanges);
			assertTrue(exchanges > 1, "it booted too fast for this");
		}
	}

	/**
	 * Every third time the bundle is gone for a while, in which the machine waits.
	 *
	 * @return seconds in which nothing executed the guest
	 */
	private static double exchange(Platform platform, int number) throws Exception {
		String version = "1.1." + (100 + number);
		Instant left, came;
		if (number % 3 == 0) {
			platform.remove(BUNDLE);
			left = platform.awaitEvent(MOMENT, "\"plugin.absent\"", ROLE);
			platform.install(BUNDLE, version);
		} else {
			platform.update(BUNDLE, version);
			left = platform.awaitEvent(MOMENT, "\"plugin.absent\"", ROLE);
		}
		came = platform.awaitEvent(MOMENT, "\"plugin.exchanged\"", ROLE, "\"" + version + "\"");
		return Duration.between(left, came).toNanos() / 1e9;
	}

	/** Waits until each thread has done a round that it began after all that it has done so far. */
	private static void awaitRounds(Platform platform, int threads) throws Exception {
		platform.skip();
		platform.await("round of each thread", text -> {
			for (int thread = 0; thread < threads; thread++)
				if (text.split("steady: " + thread + " .*\n", -1).length <= 2)
					return 0;
			return text.length();
		}, MOMENT);
	}
}
