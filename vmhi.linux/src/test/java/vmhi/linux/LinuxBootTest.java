package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's unmodified kernel reaches a shell that one can work in. */
class LinuxBootTest {
	private static final Duration BOOT = Duration.ofSeconds(120);
	private static final Duration MOMENT = Duration.ofSeconds(30);

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void kernelReachesAShellThatTakesCommandsAndPowersOff(int vcpus) throws Exception {
		try (Guest guest = Guest.run(Images.kernel(), "--initrd", Images.shell(), "--append",
				"console=ttyS0 panic=-1 cryptomgr.notests", "--vcpus", vcpus, "--memory", "512M")) {
			guest.await("init: .*, " + vcpus + " CPU\n", BOOT);
			guest.await("# $", MOMENT);
			guest.type("echo $((6 * 7)) $(grep -c ^processor /proc/cpuinfo) is the answer");
			guest.await("\n42 " + vcpus + " is the answer\n", MOMENT);
			guest.type("poweroff -f");
			assertEquals(0, guest.awaitEnd(MOMENT), guest::text);
		}
	}

	/** With the self-tests of its ciphers, half of all that it executes on the way. */
	@Test
	void kernelBootsWithItsDefaultCommandLine() throws Exception {
		try (Guest guest = Guest.run(Images.kernel(), "--initrd", Images.shell(), "--append", "console=ttyS0",
				"--memory", "512M")) {
			guest.await("init: .*, 1 CPU\n", BOOT);
			guest.await("# $", MOMENT);
			guest.type("dmesg | grep -c -E 'alg: .*(fail|Failed)|self-tests for .* failed|invalid opcode|Oops'");
			guest.await("\n0\n", MOMENT);
			guest.type("poweroff -f");
			assertEquals(0, guest.awaitEnd(MOMENT), guest::text);
		}
	}

	@Test
	void shellIsOnTheTerminalThatRunWasStartedOn() throws Exception {
		try (Guest guest = Guest.runOnTerminal(Images.kernel(), "--initrd", Images.shell(), "--append",
				"console=ttyS0 quiet panic=-1 cryptomgr.notests", "--memory", "512M")) {
			guest.await("# $", BOOT);
			guest.type("stty -a | head -n 1; tty");
			guest.await("\n/dev/ttyS0\n/ # $", MOMENT);
			guest.type("cat"); // what is typed goes to the guest as it is: a Ctrl-C too
			guest.await("cat\n", MOMENT);
			guest.type("echo wrong | tr g G");
			guest.await("echo wrong \\| tr g G\n", MOMENT);
			guest.type("\u0003");
			guest.await("# $", MOMENT);
			guest.type("poweroff -f");
			assertEquals(0, guest.awaitEnd(MOMENT), guest::text);
		}
	}

	@Test
	void clockOfTheGuestGoesAsTheHostsDoes() throws Exception {
		try (Guest guest = Guest.runInit(Images.shell(),
				"awk 'BEGIN{print(systime())}'; sleep 3; awk 'BEGIN{print(systime())}'",
				"--memory", "512M")) {
			long first = Long.parseLong(guest.await("(?m)^[0-9]{10}$", BOOT).strip());
			long began = System.nanoTime();
			long last = Long.parseLong(guest.await("(?m)^[0-9]{10}$", MOMENT).strip());
			double host = (System.nanoTime() - began) / 1e9;
			assertEquals(0, guest.awaitEnd(MOMENT), guest::text);
			assertEquals(host, last - first, 2);
			assertEquals(System.currentTimeMillis() / 1000, last, 30);
		}
	}
}
