package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Hot code at the same offset in several code segments: of other bases, and of other widths. */
class SameOffsetTest {
	private static final int FUNCTION = 0x2_0000, LOOP = 0x2_2000, BASE = 0x4_0000;
	private static final int TIMES = 500_000; // what is called is long translated then
	/** In 64-bit code the first two are prefixes. */
	private static final byte[] THREE_INC_OR_ONE = { 0x40, 0x40, (byte) 0xff, (byte) 0xc0, (byte) 0xc3 };
	private static final byte[] ADD_2 = { (byte) 0x83, (byte) 0xc0, 2, (byte) 0xc3 };
	/** CALL EBX; DEC ECX; JNZ back; RETF. */
	private static final byte[] LOOPS = { (byte) 0xff, (byte) 0xd3, (byte) 0xff, (byte) 0xc9, 0x75, (byte) 0xfa,
			(byte) 0xcb };

	@Test
	void whatIsCalledIsThatOfTheCodeSegment() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.descriptor(SystemGuest.OWN, BASE, -1, SystemGuest.CODE_32);
			put(guest, FUNCTION, THREE_INC_OR_ONE);
			put(guest, LOOP, LOOPS);
			put(guest, BASE + FUNCTION, ADD_2);
			put(guest, BASE + LOOP, LOOPS);
			pointer(guest, 0, SystemGuest.CODE_0);
			pointer(guest, 8, SystemGuest.OWN);
			pointer(guest, 16, SystemGuest.WIDE_0);
			String all = round(0) + round(8) + round(16);
			guest.load("mov ebx, " + FUNCTION + "\n" + all + all + "out 0x81, al\n");
			List<Long> once = List.of(3L * TIMES, 2L * TIMES, 1L * TIMES);
			List<Long> said = guest.execute();
			assertEquals(once, said.subList(0, 3));
			assertEquals(once, said.subList(3, said.size()));
		}
	}

	private static void put(SystemGuest guest, int at, byte[] code) {
		guest.memory.write(at, ByteBuffer.wrap(code));
	}

	private static void pointer(SystemGuest guest, int at, int selector) {
		guest.memory.putInt(SystemGuest.DATA + at, LOOP);
		guest.memory.putInt(SystemGuest.DATA + at + 4, selector);
	}

	/** A far call by a pointer, and what has become of EAX. */
	private static String round(int pointer) {
		return """
				xor eax, eax
				mov ecx, %d
				db 0xff, 0x1c, 0x25
				dd %d
				out 0x80, eax
				""".formatted(TIMES, SystemGuest.DATA + pointer);
	}
}
