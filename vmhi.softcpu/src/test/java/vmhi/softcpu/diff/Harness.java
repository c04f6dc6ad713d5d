package vmhi.softcpu.diff;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import vmhi.guest.asm.Assembler;
import vmhi.guest.asm.AssemblyException;

/**
 * The code around the cases. At privilege level 3 it loads what a case begins with, jumps there, and stores what came
 * of it; at level 0 it notes what was raised. What is at level 0 uses only the simplest instructions, because there
 * are hypervisors that interpret that level and know few.
 *
 * @param user for {@link Layout#HARNESS}
 * @param supervisor for {@link Layout#HANDLERS}: a table of the handlers' addresses by vector, then the handlers
 */
record Harness(byte[] user, byte[] supervisor) {
	static final int VECTORS = 32;

	private static final String[] REGISTERS = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9",
			"r10", "r11", "r12", "r13", "r14", "r15" };
	private static final int RSP = 4, R15 = 15;
	/** Exceptions that push an error code (SDM volume 3, table 6-1). */
	private static final List<Integer> WITH_ERROR = List.of(8, 10, 11, 12, 13, 14, 17, 21);
	private static final int PAGE_FAULT = 14;

	/** Where a case jumps to when it is through. */
	static final int DONE = Layout.HARNESS + 8;
	/** Where a case in 32-bit code is entered by way of. */
	static final int ENTER_32 = Layout.HARNESS + 16;
	/** Where cases begin. */
	static final int START = Layout.HARNESS;

	private static final String USER = """
			bits 64
			org %{HARNESS}
			jmp next
			align 8
			jmp done
			align 8
			db 0xff, 0x2c, 0x25          ; jmp far [FAR], 16:32
			dd %{FAR}
			align 8
			next:
			mov r15, [%{CURRENT}]
			cmp r15, [%{END}]
			jae finished
			db 0x49, 0x0f, 0xae, 0x0f    ; fxrstor64 [r15]
			mov rax, [r15 + %{IN_TARGET}]
			mov [%{TARGET}], rax
			mov rax, [r15 + %{IN_FAR}]
			mov [%{FAR}], rax
			mov rsp, %{STACK_3}
			push qword [r15 + %{IN_FLAGS}]
			popfq
			%{LOAD}
			mov rsp, [r15 + %{IN_RSP}]
			mov r15, [r15 + %{IN_R15}]
			jmp [%{TARGET}]
			done:
			mov [%{SAVED}], r15
			mov r15, [%{CURRENT}]
			%{STORE}
			mov [r15 + %{OUT_RSP}], rsp
			mov rsp, %{STACK_3}
			pushfq
			pop qword [r15 + %{OUT_FLAGS}]
			push qword %{FLAGS}
			popfq
			mov rax, [%{SAVED}]
			mov [r15 + %{OUT_R15}], rax
			resume:
			mov [r15 + %{OUT_SEGMENTS}], ds
			mov [r15 + %{OUT_SEGMENTS} + 2], es
			cmp dword [r15 + %{OUT_SEGMENTS}], %{BOTH_DATA}
			je flat
			mov eax, %{USER_DATA}
			mov ds, eax
			mov es, eax
			flat:
			db 0x49, 0x0f, 0xae, 0x87    ; fxsave64 [r15 + OUT_FX]
			dd %{OUT_FX}
			add r15, %{RECORD_SIZE}
			mov [%{CURRENT}], r15
			jmp next
			finished:
			mov qword [%{CURRENT}], %{NOBODY}
			ud2
			""";

	private static final String SUPERVISOR = """
			common:
			mov [%{SAVED}], r15
			mov r15, [%{CURRENT}]
			%{STORE}
			mov rax, [%{SAVED}]
			mov [r15 + %{OUT_R15}], rax
			mov rax, [rsp]
			mov [r15 + %{OUT_VECTOR}], rax
			mov rax, [rsp + 8]
			mov [r15 + %{OUT_ERROR}], rax
			mov rax, [rsp + 16]
			mov [r15 + %{OUT_RIP}], rax
			mov rax, [rsp + 24]
			mov [r15 + %{OUT_CS}], rax
			mov rax, [rsp + 32]
			mov [r15 + %{OUT_FLAGS}], rax
			mov rax, [rsp + 40]
			mov [r15 + %{OUT_RSP}], rax
			mov rax, [rsp + 48]
			mov [r15 + %{OUT_SS}], rax
			mov rax, [%{CURRENT}]
			cmp rax, [%{END}]
			jae finish
			mov rax, %{RESUME}
			mov [rsp + 16], rax
			mov rax, %{USER_CODE_64}
			mov [rsp + 24], rax
			mov rax, %{FLAGS}
			mov [rsp + 32], rax
			mov rax, %{STACK_3}
			mov [rsp + 40], rax
			mov rax, %{USER_DATA}
			mov [rsp + 48], rax
			add rsp, 16
			iretq
			finish:
			out %{END_PORT}, al
			jmp finish
			""";

	/** Assembles it. */
	static Harness assemble() {
		byte[] marked = assemble(fill(USER) + "dq resume\n");
		int resume = 0;
		for (int i = 0; i < 4; i++)
			resume |= (marked[marked.length - 8 + i] & 0xff) << 8 * i;
		StringBuilder supervisor = new StringBuilder("bits 64\norg " + Layout.HANDLERS + "\n");
		for (int vector = 0; vector < VECTORS; vector++)
			supervisor.append("dq vector").append(vector).append('\n');
		for (int vector = 0; vector < VECTORS; vector++) {
			supervisor.append("vector").append(vector).append(":\n");
			if (vector == PAGE_FAULT)
				supervisor.append("mov [%{SAVED}], r15\nmov [%{SAVED_RAX}], rax\nmov r15, [%{CURRENT}]\n"
						+ "mov rax, cr2\nmov [r15 + %{OUT_CR2}], rax\nmov rax, [%{SAVED_RAX}]\nmov r15, [%{SAVED}]\n");
			supervisor.append(WITH_ERROR.contains(vector) ? "" : "push qword 0\n");
			supervisor.append("push qword ").append(vector).append("\njmp common\n");
		}
		String text = fill(supervisor + SUPERVISOR).replace("%{RESUME}", Integer.toString(resume));
		return new Harness(Arrays.copyOf(marked, marked.length - 8), assemble(text));
	}

	private static String fill(String text) {
		List<String> load = new ArrayList<>();
		List<String> store = new ArrayList<>();
		for (int i = 0; i < R15; i++)
			if (i != RSP) {
				load.add("mov %s, [r15 + %d]".formatted(REGISTERS[i], Layout.IN_REGISTERS + 8 * i));
				store.add("mov [r15 + %d], %s".formatted(Layout.OUT_REGISTERS + 8 * i, REGISTERS[i]));
			}
		text = text.replace("%{LOAD}", String.join("\n", load)).replace("%{STORE}", String.join("\n", store));
		Object[] names = { "HARNESS", Layout.HARNESS, "FAR", Layout.FAR, "NOBODY", Layout.record(Layout.MOST_CASES),
				"CURRENT", Layout.CURRENT, "END", Layout.END,
				"SAVED", Layout.SAVED, "SAVED_RAX", Layout.SAVED + 64, "TARGET", Layout.TARGET, "STACK_3",
				Layout.STACK_3,
				"IN_TARGET", Layout.IN_TARGET, "IN_FAR", Layout.IN_FAR, "IN_FLAGS", Layout.IN_FLAGS, "IN_RSP",
				Layout.IN_REGISTERS + 8 * RSP, "IN_R15", Layout.IN_REGISTERS + 8 * R15, "OUT_RSP",
				Layout.OUT_REGISTERS + 8 * RSP, "OUT_R15", Layout.OUT_REGISTERS + 8 * R15, "OUT_FLAGS",
				Layout.OUT_FLAGS,
				"OUT_SEGMENTS", Layout.OUT_SEGMENTS, "OUT_FX", Layout.OUT_FX, "OUT_VECTOR", Layout.OUT_VECTOR,
				"OUT_ERROR", Layout.OUT_ERROR, "OUT_RIP", Layout.OUT_RIP, "OUT_CS", Layout.OUT_CS, "OUT_SS",
				Layout.OUT_SS, "OUT_CR2", Layout.OUT_CR2, "RECORD_SIZE", Layout.RECORD_SIZE, "END_PORT",
				Layout.END_PORT,
				"USER_DATA", Layout.USER_DATA, "FLAGS", Layout.CLEAN_FLAGS, "USER_CODE_64", Layout.USER_CODE_64,
				"BOTH_DATA",
				Layout.USER_DATA * 0x1_0001 };
		for (int i = 0; i < names.length; i += 2)
			text = text.replace("%{" + names[i] + "}", names[i + 1].toString());
		return text;
	}

	private static byte[] assemble(String text) {
		try {
			Path directory = Files.createTempDirectory("diff");
			Path file = directory.resolve("harness.asm");
			try {
				Files.writeString(file, text);
				return new Assembler(directory).assemble(file);
			} finally {
				Files.deleteIfExists(file);
				Files.delete(directory);
			}
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		} catch (AssemblyException e) {
			throw new IllegalStateException(e);
		}
	}
}
