package vmhi.guest.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblerErrorsTest {

	@TempDir
	private Path directory;

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			mov eax, ecks              | 'ecks' is not defined
			moof eax                   | 'moof' is not an instruction that is known here
			mov [rbx], 5               | how large is the operand in memory? write byte, word, dword or qword
			inc [rbx]                  | how large is the operand in memory? write byte, word, dword or qword
			movzx eax, [rbx]           | how large is the operand in memory? write byte, word, dword or qword
			mov eax, cl                | 'mov' does not take these operands in 64-bit mode
			inc                        | 'inc' does not take these operands in 64-bit mode
			swapgs eax                 | 'swapgs' does not take these operands in 64-bit mode
			jmp 8:0                    | 'jmp' does not take these operands in 64-bit mode
			mov al, 256                | a number does not fit
			add rax, 0x80000000        | a number does not fit
			db 256                     | 0x100 does not fit 1 bytes
			jmp short $ + 130          | 128 bytes are too far for a short jump
			mov ah, r8b                | AH, BH, CH and DH cannot stand beside a register of 64-bit mode
			mov eax, [rsp + rsp]       | rsp cannot be an index
			mov eax, [rbx * 6]         | a factor of 6 cannot be encoded
			mov eax, [rbx - rcx]       | rcx cannot be part of an address like this
			mov eax, [rbx + ecx]       | rbx and ecx are of different sizes
			mov eax, [rbx + al]        | al cannot be part of an address like this
			mov eax, [ax]              | ax cannot be part of an address in 64-bit mode
			mov eax, [rbx + rcx + rdx] | too many registers in an address
			mov eax, [rel 5]           | [rel] takes an address, not a number; write [abs ...]
			mov eax, [rbx + 1 << 40]   | register rbx cannot stand here
			mov eax, [rbx + (1 << 40)] | 0x10000000000 is too far away for an address
			mov byte al, [rbx          | ']' expected
			mov word al, 5             | register al is not of 2 bytes
			db here >> 1               | '>>' takes numbers, not addresses
			mov eax, here + here       | neither a number nor an address
			dd here + here             | neither a number nor an address
			db 1 / 0                   | division by zero
			db (1                      | ')' expected
			db 1 2                     | '2' was not expected here
			db                         | something is missing at the end of the line
			db 12z                     | '12z' is not a number of up to 64 bits
			db "abc                    | cannot read '"abc'
			db eax                     | register eax cannot stand here
			here:                      | 'here' is defined already
			eax: nop                   | eax is a register
			times later nop            | a number is needed here that is known by now
			times here nop             | a number is needed here, not an address
			times -1 nop               | -1 times cannot be
			align 3                    | 3 is not a power of two
			bits 8                     | bits is 16, 32 or 64
			%include "none.inc"        | cannot include 'none.inc'
			%if 1                      | %endif is missing
			%endif                     | %endif without %if
			%rep 2                     | %endrep is missing
			%if here                   | 'here' is not defined; a label has no value yet
			%error "no"                | no
			%frob                      | '%frob' is not a directive that is known here
			""")
	void messageSaysWhereAndWhat(String line, String message) {
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "bits 64", "here:", line, "later: db 0"));
		assertEquals("test.asm:" + (line.equals("%if 1") ? 4 : 3) + ": " + message, e.getMessage().replace('`', '\''));
	}

	@Test
	void mistakeInAnIncludedFileIsReportedThere() throws Exception {
		Files.writeString(directory.resolve("more.inc"), "\n\tmoof\n\tmoof 1\n");
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "%include \"more.inc\""));
		assertEquals("more.inc:3: `moof' is not an instruction that is known here", e.getMessage());
	}

	@Test
	void mistakeInAMacroIsReportedWhereItIsCalled() {
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "%macro put 1", "mov al, %1", "%endmacro", "put 1", "put 500"));
		assertEquals("test.asm:5: a number does not fit", e.getMessage());
	}

	@Test
	void macroIsCalledWithAsManyArgumentsAsItTakes() {
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "%macro put 2", "%endmacro", "put 1"));
		assertEquals("test.asm:3: macro `put' takes 2 arguments, not 1", e.getMessage());
	}

	@Test
	void macroThatCallsItselfIsStopped() {
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "%macro again 0", "again", "%endmacro", "again"));
		assertEquals("test.asm:4: macros or files go too deep", e.getMessage());
	}

	@Test
	void imageHasALimit() {
		AssemblyException e = assertThrows(AssemblyException.class,
				() -> Assembly.hex(directory, "times 17 resd 0x100000"));
		assertEquals("test.asm:1: the image is larger than 67108864 bytes", e.getMessage());
	}
}
