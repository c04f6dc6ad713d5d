package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Code that is written after it ran, also where an instruction lies in two pages. */
class CodeChangeTest {
	private static final long LOOPING_MILLIS = 500;

	@Test
	void instructionInTwoPagesIsNewWhereEitherIsWritten() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rax, 0xc300332211b8 ; mov eax, 0x332211 and ret
					mov [0x11ffd], rax
					mov ebx, 0x11ffd
					call rbx
					out 0x80, eax
					mov byte [0x12000], 0x44
					call rbx
					out 0x80, eax
					mov byte [0x11ffe], 0x55
					call rbx
					out 0x80, eax
					out 0x81, al
					""");

			assertEquals(List.of(0x33_2211L, 0x44_2211L, 0x44_2255L), guest.execute());
		}
	}

	/** The two begin at offsets that go to one place in the table of their page. */
	@Test
	void instructionInTwoPagesHidesNoOtherOfItsPage() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rax, 0xc300332211b8
					mov [0x11ffd], rax
					mov [0x11002], rax
					mov ebx, 0x11002
					call rbx
					mov ecx, 0x11ffd
					call rcx
					out 0x80, eax
					mov byte [0x11003], 0x66
					call rbx
					out 0x80, eax
					out 0x81, al
					""");

			assertEquals(List.of(0x33_2211L, 0x33_2266L), guest.execute());
		}
	}

	/** By a device, on the vCPU's own thread: the code is what comes next. */
	@Test
	void whatADeviceWritesToCodeIsExecutedNext() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ecx, 3
					again:
					out 0x82, al
					changed: mov eax, 0x11111111
					out 0x80, eax
					dec ecx
					jnz again
					out 0x81, al
					""", "changed");
			int[] next = { 0x11 };
			guest.host.signal = () -> guest.memory.putByte(guest.at("changed") + 1, next[0]++);

			assertEquals(List.of(0x1111_1111L, 0x1111_1112L, 0x1111_1113L), guest.execute());
		}
	}

	/** By a device on another thread, as disks do it, while the guest runs nothing but that code and asks no device. */
	@Test
	void whatAnotherThreadWritesToCodeEndsALoop() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					out 0x82, al
					again: jmp far_away
					times 4096 nop
					far_away: jmp again
					""", "far_away");
			Thread disk = new Thread(() -> {
				try {
					Thread.sleep(LOOPING_MILLIS); // long enough for translation
				} catch (InterruptedException e) {
					return;
				}
				guest.memory.write(guest.at("far_away"), ByteBuffer.wrap(new byte[] { (byte) 0xe6, (byte) 0x81 })); // OUT 0x81
			}, "disk");
			guest.host.signal = disk::start;

			guest.execute();

			disk.join();
		}
	}
}
