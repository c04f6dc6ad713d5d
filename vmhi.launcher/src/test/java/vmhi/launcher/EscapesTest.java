package vmhi.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EscapesTest {
	private int quits;
	private int helps;
	private final Escapes escapes = new Escapes(() -> quits++, () -> helps++);

	@Test
	void keysGoToTheGuest() {
		assertEquals("ls\r\u0003", typed("ls\r\u0003"));
	}

	@Test
	void commandsDoNot() {
		assertEquals("ab", typed("a\u0001xb"));
		assertEquals("", typed("\u0001h"));
		assertEquals(1, quits);
		assertEquals(1, helps);
	}

	@Test
	void commandMayComeInTwoReads() {
		assertEquals("", typed("\u0001"));
		assertEquals("y", typed("xy"));
		assertEquals(1, quits);
	}

	@Test
	void ctrlATwiceIsCtrlA() {
		assertEquals("\u0001\u0001x", typed("\u0001\u0001\u0001ax"));
		assertEquals(0, quits);
	}

	@Test
	void otherKeysAreSwallowed() {
		assertEquals("z", typed("\u0001qz"));
	}

	private String typed(String keys) {
		byte[] bytes = keys.getBytes(US_ASCII);
		return new String(escapes.filter(bytes, bytes.length), US_ASCII);
	}
}
