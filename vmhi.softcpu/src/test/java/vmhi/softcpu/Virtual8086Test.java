package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Virtual-8086 mode (SDM volume 3, 20.2). */
class Virtual8086Test {
	private static final String ENTER = """
			push dword 0x4444
			push dword 0x3333
			push dword 0x2222
			push dword 0x1111
			push dword 0x0900
			push dword 0x0100
			push dword %d
			push dword 0x1000
			push dword virtual - 0x10000
			iretd
			""";

	@Test
	void iretEntersItAndInterruptsLeaveItWithAllSegments() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load(ENTER.formatted(0x2_3002) + """
					handler:
					mov eax, esp
					out 0x80, eax
					mov eax, ds
					out 0x80, eax
					mov eax, [esp + 4]
					out 0x80, eax
					mov eax, [esp + 8]
					and eax, 0x20000
					out 0x80, eax
					mov eax, [esp + 12]
					out 0x80, eax
					mov eax, [esp + 16]
					out 0x80, eax
					mov eax, [esp + 20]
					out 0x80, eax
					mov eax, [esp + 32]
					out 0x80, eax
					out 0x81, al
					bits 16
					virtual:
					push ax
					mov ax, ds
					out 0x80, ax
					int 0x40
					""", "handler");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);

			assertEquals(List.of(0x2222L, SystemGuest.STACK_0 - 36L, 0L, 0x1000L, 0x2_0000L, 0xfeL, 0x900L, 0x1111L,
					0x4444L), guest.execute());
		}
	}

	@Test
	void whatTouchesInterruptsFaultsBelowIopl3() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load(ENTER.formatted(0x2_0002) + """
					handler:
					pop eax
					mov eax, [esp]
					sub eax, virtual - 0x10000
					out 0x80, eax
					inc dword [esp]
					cmp eax, 4
					je done
					iretd
					done: out 0x81, al
					bits 16
					virtual:
					cli
					sti
					pushf
					popf
					iret
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0L, 1L, 2L, 3L, 4L), guest.execute());
		}
	}
}
