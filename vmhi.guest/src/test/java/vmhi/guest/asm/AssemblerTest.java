package vmhi.guest.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssemblerTest {

	@TempDir
	private Path directory;

	@Test
	void jumpIsShortWhereItReaches() throws Exception {
		assertEquals("eb7f" + "90".repeat(127), hex("jmp there", "times 127 nop", "there:"));
	}

	@Test
	void jumpIsLongWhereItMustBe() throws Exception {
		assertEquals("e980000000" + "90".repeat(128), hex("jmp there", "times 128 nop", "there:"));
	}

	@Test
	void jumpBackIsShortUpTo128Bytes() throws Exception {
		assertEquals("90".repeat(126) + "eb80", hex("there:", "times 126 nop", "jmp there"));
		assertEquals("90".repeat(127) + "e97cffffff", hex("there:", "times 127 nop", "jmp there"));
	}

	@Test
	void oneJumpThatGrowsMakesAnotherGrow() throws Exception {
		assertEquals("0f8580000000" + "e9c8000000" + "90".repeat(123) + "90".repeat(77),
				hex("jnz one", "jmp two", "times 123 nop", "one:", "times 77 nop", "two:"));
	}

	@Test
	void localLabelBelongsToTheLabelBeforeIt() throws Exception {
		assertEquals("0001020103", hex("org 0", "a:", ".x: db .x - $$", "b: db b", ".x: db .x, a.x + 1, 3"));
	}

	@Test
	void dollarIsWhereTheStatementBegins() throws Exception {
		assertEquals("ff0f000000100000", hex("org 0x1000", "dw $ - 1, 0", "dw $$, 0"));
	}

	@Test
	void timesCountsEachRepetitionAsAStatement() throws Exception {
		assertEquals("000102", hex("times 3 db $ - $$"));
	}

	@Test
	void alignFillsWithNopOrWhatIsGiven() throws Exception {
		assertEquals("0190909002cccccc03", hex("db 1", "align 4", "db 2", "align 4, int3", "db 3"));
	}

	@Test
	void spaceThatIsReservedIsZero() throws Exception {
		assertEquals("010000000000000002", hex("db 1", "resw 1", "resd 1", "resb 1", "db 2"));
	}

	@Test
	void dataMayBeTextOrNumbers() throws Exception {
		assertEquals("6162630061626300610000000102000000000000", hex("db 'abc', 0", "dd 'abc'", "dd 'a'", "dq 0x0201"));
	}

	@Test
	void numbersAreWrittenInManyWays() throws Exception {
		assertEquals("ffff0a0508ff1f", hex("db 0xff, 0ffh, 0b1010, 101b, 0o10, -1, 0x1_f"));
	}

	@Test
	void operatorsBindAsInNasm() throws Exception {
		assertEquals("0e0203fe010504", hex("db 2 + 3 * 4, 8 >> 1 + 1, 1 | 2 ^ 0, ~1, 7 % 3 == 1, (1 + 4), 1 << 2"));
	}

	@Test
	void addressIsRelativeByDefaultOnlyIfToldTo() throws Exception {
		assertEquals("8b0500000000", hex("default rel", "mov eax, [x]", "x:"));
		assertEquals("8b042507000000", hex("mov eax, [x]", "x:"));
	}

	@Test
	void relativeAddressCountsFromTheEndOfTheInstruction() throws Exception {
		assertEquals("c705f6ffffff01000000", hex("default rel", "x: mov dword [x], 1"));
	}

	@Test
	void nameStandsForTokens() throws Exception {
		assertEquals("0703", hex("%define ONE 1", "%define SEVEN (ONE + 6)", "db SEVEN", "%define ONE 3", "db ONE"));
	}

	@Test
	void macroHasArgumentsAndLabelsOfItsOwn() throws Exception {
		assertEquals("b001ebfcb002ebfc",
				hex("%macro spin 1", "%%again: mov al, %1", "jmp %%again", "%endmacro", "spin 1",
						"spin 2"));
	}

	@Test
	void lastArgumentMayTakeAllThatIsLeft() throws Exception {
		assertEquals("68690a00", hex("%macro text 1+", "db %1, 0", "%endmacro", "text 'hi', 10"));
	}

	@Test
	void linesAreRepeatedAndCountedByAVariable() throws Exception {
		assertEquals("000102", hex("%assign i 0", "%rep 3", "db i", "%assign i i + 1", "%endrep"));
	}

	@Test
	void conditionChoosesLines() throws Exception {
		assertEquals("0205", hex("%define X 2", "%if X == 1", "db 1", "%elif X == 2", "db 2", "%else", "db 3", "%endif",
				"%ifdef Y", "db 4", "%else", "%ifndef Y", "db 5", "%endif", "%endif"));
	}

	@Test
	void fileIsIncludedFromTheDirectory() throws Exception {
		Files.writeString(directory.resolve("more.inc"), "db 2\n");
		assertEquals("010203", hex("db 1", "%include \"more.inc\"", "db 3"));
	}

	@Test
	void commentEndsALineButNotInAString() throws Exception {
		assertEquals("3b", hex("db ';' ; ';'"));
	}

	private String hex(String... lines) throws Exception {
		String[] all = new String[lines.length + 1];
		all[0] = "bits 64";
		System.arraycopy(lines, 0, all, 1, lines.length);
		return Assembly.hex(directory, all);
	}
}
