package vmhi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Programs of others that know what a processor has to do, in a guest. The guest prints a line for each, and the line has
 * to be the host's: see {@code guest/suite} and {@code guest/debian}.
 */
class SuiteTest {
	private static final Duration SHORT = Duration.ofMinutes(5);
	private static final Duration LONG = Duration.ofHours(3);
	/** Most seconds for a program: one of them, of 32 bits, needs 15 minutes and more. */
	private static final String LIMIT = "SUITE_SECONDS=3600 ";
	private static final String IS_LONG = "vmhi.linux.long";

	@Test
	void qemusProgramsPrintWhatTheyPrintOnTheHost() throws Exception {
		suites("qemu/test-i386 qemu/test-mmx qemu/float_convs qemu/test-i386-sse-exceptions qemu/test-i386-fp-exceptions"
				+ " qemu/cmpxchg qemu32/test-i386 qemu32/test-i386-fxtract", 1, SHORT);
	}

	@Test
	void kernelsSelfTestsPass() throws Exception {
		suites("kself/syscall_nt kself/sysret_rip kself/fsgsbase kself/sigreturn kself/ptrace_syscall kself/iopl"
				+ " kself/mov_ss_trap kself32/single_step_syscall kself32/test_FCOMI kself32/ldt_gdt", 2, SHORT);
	}

	@Test
	void methodsOfStressNgVerify() throws Exception {
		List<String> methods = List.of("int64", "double", "crc16", "matrixprod", "sqrt", "longdouble", "fft", "bitops");
		List<String> lines = debian("debian stress 3 " + String.join(" ", methods), SHORT);
		assertEquals(methods.stream().map(m -> "debian: stress-ng " + m + " 0").toList(), lines);
	}

	@Test
	void sumsAndCompressorsOfDebianHaveTheHostsResults() throws Exception {
		List<String> lines = debian("debian checksums", SHORT);
		assertEquals(String.join("\n", Images.expected("root")), String.join("\n", lines));
	}

	@Test
	@EnabledIfSystemProperty(named = IS_LONG, matches = "true", disabledReason = "takes long: -Dvmhi.linux.long=true")
	void allOfQemusProgramsPrintWhatTheyPrintOnTheHost() throws Exception {
		suites("qemu qemu32", 2, LONG);
	}

	@Test
	@EnabledIfSystemProperty(named = IS_LONG, matches = "true", disabledReason = "takes long: -Dvmhi.linux.long=true")
	void allOfTheKernelsSelfTestsPass() throws Exception {
		suites("kself kself32", 2, LONG);
	}

	@Test
	@EnabledIfSystemProperty(named = IS_LONG, matches = "true", disabledReason = "takes long: -Dvmhi.linux.long=true")
	void allMethodsOfStressNgVerify() throws Exception {
		List<String> lines = debian("debian stress 20", LONG);
		assertTrue(lines.size() > 70, lines::toString);
		assertEquals(List.of(), lines.stream().filter(line -> !line.endsWith(" 0")).toList());
	}

	@Test
	@EnabledIfSystemProperty(named = IS_LONG, matches = "true", disabledReason = "takes long: -Dvmhi.linux.long=true")
	void testsOfPythonPass() throws Exception {
		List<String> lines = debian("debian python", LONG);
		assertTrue(lines.size() >= 90, lines::toString);
		assertEquals(List.of(), lines.stream().filter(line -> !line.endsWith(" 0")).toList());
	}

	/** Runs programs or whole folders of them, and compares. */
	private static void suites(String what, int vcpus, Duration most) throws Exception {
		Path initrd = Images.suites();
		Set<String> wanted = new TreeSet<>();
		for (String line : Images.expected("suites"))
			for (String name : what.split(" "))
				if (line.startsWith("suite: " + name + " ") || line.startsWith("suite: " + name + "/"))
					wanted.add(line);
		assertTrue(wanted.stream().anyMatch(line -> line.contains("/")), "nothing of it compiles on this host");
		// what does not compile here is not in the guest either
		what = what.contains("/") ? String.join(" ", wanted.stream().map(line -> line.split(" ")[1]).toList()) : what;
		String text = run(initrd, LIMIT + "suite " + what, vcpus, most);
		assertEquals(String.join("\n", wanted), String.join("\n", new TreeSet<>(lines(text, "suite: "))), text);
	}

	private static List<String> debian(String command, Duration most) throws Exception {
		return lines(run(Images.root(), command, 1, most), "debian: ");
	}

	private static String run(Path initrd, String command, int vcpus, Duration most) throws Exception {
		try (Guest guest = Guest.runInit(initrd, command, "--memory", "768M", "--vcpus", vcpus)) {
			guest.await("init: done, status 0", most);
			assertEquals(0, guest.awaitEnd(Duration.ofSeconds(30)), guest::text);
			return guest.text();
		}
	}

	private static List<String> lines(String text, String prefix) {
		List<String> lines = new ArrayList<>();
		for (String line : text.split("\n"))
			if (line.startsWith(prefix))
				lines.add(line);
		return lines;
	}
}
