package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Arithmetic on decimal digits, against results of a processor. */
class DecimalTest {
	private static final int CF = 1, AF = 0x10;

	/** AX and flags before; AX and flags after. */
	private record Case(String bytes, int ax, int flags, int axAfter, int flagsAfter) {}

	private static final List<Case> CASES = List.of(
			new Case("0x27", 0x1a, CF, 0x80, 0x891), new Case("0x27", 0x9a, 0, 0x00, 0x55),
			new Case("0x2f", 0x80, AF, 0x7a, 0x810), new Case("0x2f", 0x80, CF | AF, 0x1a, 0x811),
			new Case("0x37", 0x0a, 0, 0x100, 0x11), new Case("0x37", 0x7a, AF, 0x100, 0x11),
			new Case("0x3f", 0x00, AF, 0xfe0a, 0x95), new Case("0x3f", 0x06, AF, 0xff00, 0x95),
			new Case("0xd5, 10", 0x106, 0, 0x10, 0x10), new Case("0xd4, 10", 0x63, 0, 0x909, 0x4));

	@Test
	void resultsAndFlagsAreThoseOfAProcessor() throws Exception {
		StringBuilder source = new StringBuilder();
		List<Long> expected = new ArrayList<>();
		for (Case each : CASES) {
			source.append("mov eax, %d\npush dword %d\npopf\ndb %s\nout 0x80, ax\npushf\npop eax\nout 0x80, ax\n"
					.formatted(each.ax, each.flags | 2, each.bytes));
			expected.add((long) each.axAfter);
			expected.add((long) each.flagsAfter | 2);
		}
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load(source + "out 0x81, al\n");

			assertEquals(expected, guest.execute());
		}
	}

	@Test
	void divisionByZeroOfAamIsAnException() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					db 0xd4, 0
					handler: out 0x81, al
					""", "handler");
			guest.gate(0, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(), guest.execute());
		}
	}

	@Test
	void noneOfThemIsThereIn64BitMode() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					db 0x27
					handler: out 0x81, al
					""", "handler");
			guest.gate(6, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(), guest.execute());
		}
	}
}
