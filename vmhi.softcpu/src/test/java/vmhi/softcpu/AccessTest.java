package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.RunEnd;
import vmhi.softcpu.SystemGuest.Mode;
import vmhi.softcpu.core.Fault;

/** What is checked where memory is accessed, and in which order: alignment, SMAP, reserved bits. */
class AccessTest {
	/** CR0.AM, EFLAGS.AC; to level 3 in 64-bit mode with a stack that is not aligned. */
	private static final String TO_LEVEL_3 = """
			mov eax, 0x40
			ltr ax
			mov rax, cr0
			bts rax, 18
			mov cr0, rax
			push qword 0x23
			push qword 0x9001
			push qword 0x40002
			push qword 0x2b
			push qword user
			iretq
			""";
	/** Goes to the handler of #AC, and notes that it did and the error code. */
	private static final String HANDLER = """
			handler:
			pop rax
			out 0x80, eax
			mov rax, [rsp]
			sub rax, user
			out 0x80, eax
			out 0x81, al
			end:
			mov eax, 0x77
			out 0x80, eax
			out 0x81, al
			""";

	private static List<Long> atLevel3(String code) throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load(TO_LEVEL_3 + "user:\n" + code + HANDLER, "handler", "end");
			guest.descriptor(SystemGuest.TSS, SystemGuest.TASK, 0x67, SystemGuest.FREE_TASK_STATE);
			for (int vector : new int[] { 12, 13, 14, 17 })
				guest.gate(vector, "handler", SystemGuest.INTERRUPT_GATE);
			guest.gate(0x40, "end", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);
			return guest.execute();
		}
	}

	@Test
	void tablesOfTheProcessorNeedNoAlignment() throws Exception {
		// the stack pointer in the TSS is at an odd multiple of 4, and is read at level 3
		assertEquals(List.of(0x77L), atLevel3("int 0x40\n"));
	}

	@Test
	void alignmentComesBeforeAPageThatIsNotThere() throws Exception {
		assertEquals(List.of(0L, 0L), atLevel3("add dword [0x1fffff], 1\n"));
		assertEquals(List.of(4L + 2, 0L), atLevel3("add dword [0x200000], 1\n"));
	}

	/** The first word comes first, then the end: as processors tell by CR2. */
	@Test
	void environmentOfTheFpuFaultsAtItsFirstWordOrAtItsEnd() throws Exception {
		assertEquals(List.of(0x20_0000L), faultOfLoadEnvironment(0x1f_fffd));
		assertEquals(List.of(0x20_0017L), faultOfLoadEnvironment(0x1f_fffc));
	}

	private static List<Long> faultOfLoadEnvironment(int address) throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov edi, %d
					db 0xd9, 0x27 ; FLDENV [RDI]
					handler:
					mov rax, cr2
					out 0x80, eax
					out 0x81, al
					""".formatted(address), "handler");
			guest.gate(14, "handler", SystemGuest.INTERRUPT_GATE);
			return guest.execute();
		}
	}

	@Test
	void stateOfTheFpuIsAlignedByItsWords() throws Exception {
		String storeState = "mov rdi, 0xb004\ndb 0xdd, 0x37\n", loadState = "db 0xdd, 0x27\n",
				storeEnvironment = "db 0xd9, 0x37\n";
		assertEquals(List.of(0x77L), atLevel3(storeState + loadState + storeEnvironment + "int 0x40\n"));
		assertEquals(List.of(0L, 5L), atLevel3("mov rdi, 0xb002\n" + storeEnvironment));
		assertEquals(List.of(0x77L), atLevel3("mov rdi, 0xb002\ndb 0x66\n" + storeEnvironment + "int 0x40\n"));
	}

	@Test
	void frameThatReachesIntoTheNewOneIsCopiedAsItIsWritten() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rsp, 0x9000
					mov rbp, 0x9000
					mov qword [0x8ff8], 0x12
					enter 0, 2
					mov eax, [0x8ff0]
					out 0x80, eax
					mov eax, [0x8ff8]
					out 0x80, eax
					out 0x81, al
					""");

			assertEquals(List.of(0x9000L, 0x9000L), guest.execute());
		}
	}

	/** Benign exceptions in delivery of each other never become a double fault (SDM volume 3, table 6-5). */
	@Test
	@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
	void exceptionsThatRaiseEachOtherForEverCanBeStopped() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					lidt [table]
					mov eax, cr0
					bts eax, 18
					mov cr0, eax
					push 0x23
					push 0x9001
					push 0x40002
					push 0x1b
					push user
					iretd
					user: push eax
					handler: hlt
					table: dw 0x7ff
					dd 0x200000
					""", "handler");
			guest.gate(17, SystemGuest.CODE_3, guest.at("handler"), SystemGuest.INTERRUPT_GATE);
			long gate = guest.memory.getLong(SystemGuest.IDT + 17 * 8);
			int[] deliveries = new int[1];
			guest.host.atLoad = gpa -> {
				if (++deliveries[0] == 1000)
					guest.vcpu.stop();
				return gate;
			};

			assertEquals(RunEnd.STOPPED, guest.executeUntilEnd());
			assertEquals(Fault.AC, guest.vcpu.save().events().exception());
		}
	}

	@Test
	void smapHoldsForDescriptorsWhateverTheProgramSuspends() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov ax, ds
					mov rcx, cr4
					bts rcx, 21
					mov cr4, rcx
					stac
					mov ebx, eax
					mov eax, [0xb000]
					out 0x80, eax
					mov ds, bx
					out 0x80, eax
					out 0x81, al
					""");
			guest.memory.putInt(SystemGuest.DATA, 42);

			// nor can the fault be delivered, by a table in pages of level 3
			assertEquals(RunEnd.SHUTDOWN, guest.executeUntilEnd());
			assertEquals(List.of(42L), guest.said);
		}
	}

	@Test
	void topmostEntriesOfPaePagingAreCheckedWhenTheyAreLoaded() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			guest.load("""
					mov eax, cr4
					bts eax, 5
					mov cr4, eax
					mov eax, 0xc000
					mov cr3, eax
					mov ebx, cr0
					bts ebx, 31
					mov cr0, ebx
					mov eax, 0xc020
					mov cr3, eax
					out 0x81, al
					handler:
					mov eax, cr3
					out 0x80, eax
					mov eax, cr0
					shr eax, 31
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(13, "handler", SystemGuest.INTERRUPT_GATE);
			guest.memory.putLong(0xc000, 0xd001);
			guest.memory.putLong(0xc028, 0xd003); // writable is not said here
			guest.memory.putLong(0xd000, 0x83); // 2 MiB one to one

			assertEquals(List.of(0xc000L, 1L), guest.execute());
		}
	}

	@Test
	void resumeFlagThatAReturnSetsOutlivesTheReturn() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("""
					mov rax, there
					mov dr0, rax
					mov eax, 1
					mov dr7, rax
					mov rbx, rsp
					push qword 0x38
					push rbx
					push qword 0x10002
					push qword 0x30
					push qword there
					mov rcx, rsp
					push qword 0x38
					push rcx
					push qword 0x10002
					push qword 0x30
					push qword again
					iretq
					again: iretq
					there: nop
					mov eax, 1
					out 0x80, eax
					out 0x81, al
					handler:
					mov eax, 2
					out 0x80, eax
					out 0x81, al
					""", "handler");
			guest.gate(1, "handler", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(1L), guest.execute());
		}
	}

	/** An instruction that is done alone, as one that accesses a device is, needs no page but its own. */
	@ParameterizedTest
	@ValueSource(longs = { 0x8000_0000L, 0x1_0000_0000L })
	void instructionThatIsDoneAloneDoesNotTouchThePageAfterIt(long address) throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.load("mov rax, " + (address >>> 30) + """

					shl rax, 30
					mov rbx, high
					and rbx, 0xfff
					add rax, rbx
					jmp rax
					high:
					mov eax, [0x180000]
					mov eax, 0x11
					out 0x80, eax
					out 0x81, al
					missing:
					mov rax, cr2
					out 0x80, eax
					out 0x81, al
					""", "missing");
			guest.memory.putLong(0x5000 + 8 * (address >>> 30), 0x2_0000 | 7);
			guest.memory.putLong(0x2_0000, 0x2_1000 | 7);
			guest.memory.putLong(0x2_1000, 0x1_0000 | 7); // the page of the code, and no other
			guest.gate(Fault.PF, "missing", SystemGuest.INTERRUPT_GATE);

			assertEquals(List.of(0x11L), guest.execute());
		}
	}
}
