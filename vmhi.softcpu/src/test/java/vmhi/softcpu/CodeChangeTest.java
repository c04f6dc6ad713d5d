package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Code that is written after it ran, also where an instruction lies in two pages. */
class CodeChangeTest {

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
}
