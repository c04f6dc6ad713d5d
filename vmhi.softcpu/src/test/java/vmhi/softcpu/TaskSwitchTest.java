package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.softcpu.SystemGuest.Mode;

/** Changes of task by hardware (SDM volume 3, chapter 7). */
class TaskSwitchTest {
	private static final int OTHER = 0xc000, OTHER_STACK = 0xe000;

	/** A task at {@link SystemGuest#OWN}. */
	private static void task(SystemGuest guest, String entry, int flags) {
		guest.descriptor(SystemGuest.OWN, OTHER, 0x67, SystemGuest.FREE_TASK_STATE);
		guest.memory.putInt(OTHER + 0x1c, SystemGuest.PML4);
		guest.memory.putInt(OTHER + 0x20, guest.at(entry));
		guest.memory.putInt(OTHER + 0x24, flags);
		for (int i = 0; i < 8; i++)
			guest.memory.putInt(OTHER + 0x28 + 4 * i, 0x1000_0000 + i);
		guest.memory.putInt(OTHER + 0x38, OTHER_STACK);
		for (int i = 0; i < 6; i++)
			guest.memory.putInt(OTHER + 0x48 + 4 * i, i == 1 ? SystemGuest.CODE_0 : SystemGuest.DATA_0);
		guest.memory.putInt(OTHER + 0x60, 0);
	}

	private static long type(SystemGuest guest, int selector) {
		return guest.memory.getByte(SystemGuest.GDT + selector + 5) & 0xf;
	}

	@Test
	void jumpSavesOneTaskAndLoadsTheOther() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov ebx, 0x55
					db 0xea
					dd 0
					dw 0x50
					back: out 0x81, al
					other:
					mov eax, ebx
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					db 0x0f, 0x00, 0xc8       ; str eax
					out 0x80, eax
					mov eax, cr0
					and eax, 8
					out 0x80, eax
					out 0x81, al
					""", "other", "back");
			task(guest, "other", 2);

			assertEquals(List.of(0x1000_0003L, (long) OTHER_STACK, 0x50L, 8L), guest.execute());
			assertEquals(guest.at("back"), guest.memory.getInt(SystemGuest.TASK + 0x20));
			assertEquals(0x55, guest.memory.getInt(SystemGuest.TASK + 0x34));
			assertEquals(0x9, type(guest, SystemGuest.TSS), "the old one is free");
			assertEquals(0xb, type(guest, SystemGuest.OWN), "the new one is in use");
		}
	}

	@Test
	void callNestsATaskAndIretReturns() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov ebx, 0x55
					db 0x9a
					dd 0
					dw 0x50
					mov eax, ebx
					out 0x80, eax
					pushf
					pop eax
					and eax, 0x4000
					out 0x80, eax
					out 0x81, al
					other:
					pushf
					pop eax
					and eax, 0x4000
					out 0x80, eax
					mov ebx, 0x66
					iretd
					""", "other");
			task(guest, "other", 2);

			assertEquals(List.of(0x4000L, 0x55L, 0L), guest.execute());
			assertEquals(SystemGuest.TSS, guest.memory.getShort(OTHER));
			assertEquals(0xb, type(guest, SystemGuest.TSS));
			assertEquals(0x9, type(guest, SystemGuest.OWN));
			assertEquals(0x66, guest.memory.getInt(OTHER + 0x34));
		}
	}

	@Test
	void exceptionThroughATaskGatePushesItsErrorThere() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov eax, 0x1000
					fault: mov ds, ax
					other:
					pop eax
					out 0x80, eax
					mov eax, esp
					out 0x80, eax
					out 0x81, al
					""", "other", "fault");
			task(guest, "other", 2);
			guest.gate(13, SystemGuest.OWN, 0, 0x8500);

			assertEquals(List.of(0x1000L, (long) OTHER_STACK), guest.execute());
			assertEquals(guest.at("fault"), guest.memory.getInt(SystemGuest.TASK + 0x20));
		}
	}

	@Test
	void badSegmentOfTheNewTaskIsItsOwnFault() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					db 0xea
					dd 0
					dw 0x50
					other: out 0x81, al
					handler:
					pop eax
					out 0x80, eax
					pop eax
					sub eax, other
					out 0x80, eax
					db 0x0f, 0x00, 0xc8       ; str eax
					out 0x80, eax
					out 0x81, al
					""", "other", "handler");
			task(guest, "other", 2);
			guest.memory.putInt(OTHER + 0x54, 0x1000); // DS
			guest.gate(10, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x1000L, 0L, 0x50L), guest.execute());
		}
	}

	@Test
	void taskInUseCannotBeEntered() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					fault: db 0xea
					dd 0
					dw 0x40
					handler:
					pop eax
					out 0x80, eax
					pop eax
					sub eax, fault
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x40L, 0L), guest.execute());
		}
	}
}
