package vmhi.softcpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the FPU to what a processor answered, {@code x87.txt}. */
class RecordedX87Test {
	private static final int FIRST_ESCAPE = 0xd8;

	private final X87 fpu = new X87();

	@ParameterizedTest
	@ValueSource(ints = { 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf })
	void answersWhatTheProcessorAnswered(int escape) throws IOException {
		List<String> wrong = new ArrayList<>();
		int cases = 0;
		for (String line : recorded("x87.txt")) {
			if (line.startsWith(Integer.toHexString(escape))) {
				cases++;
				String got = execute(line.split(" "));
				if (!line.endsWith(got)) {
					wrong.add(line + " but was " + got);
				}
			}
		}
		assertFalse(cases == 0, "nothing was recorded");
		assertEquals("", String.join("\n", wrong));
	}

	/** The lines of a table, but for its comment. */
	static List<String> recorded(String name) throws IOException {
		try (InputStream in = RecordedX87Test.class.getResourceAsStream(name)) {
			String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
			return text.lines().filter(line -> !line.startsWith("#")).toList();
		}
	}

	private String execute(String[] words) {
		int escape = hex(words[0]) - FIRST_ESCAPE;
		int modrm = hex(words[1]);
		fpu.reset();
		fpu.control(hex(words[2]));
		fpu.status(hex(words[3]));
		fpu.abridgedTag(hex(words[4]));
		for (int i = 0; i < 8; i++) {
			fpu.st(i, i < 2 ? low(words[6 + i]) : 0, i < 2 ? high(words[6 + i]) : 0);
		}
		int flags = hex(words[5]);
		String memory = words[8];
		if (modrm >= 0xc0) {
			flags = fpu.register(escape, modrm, flags);
		} else {
			memory = withMemory(escape, modrm >> 3, memory);
		}
		return String.format("> %04x %02x %03x %s %s %s %s", fpu.status(), fpu.abridgedTag(), flags, st(0), st(1),
				st(2),
				memory);
	}

	/** Returns the operand as it is afterwards. */
	private String withMemory(int escape, int reg, String operand) {
		int use = X87.operand(escape, reg);
		switch (use) {
			case X87.LOAD_2, X87.LOAD_4, X87.LOAD_8 -> fpu.load(escape, reg, low(operand));
			case X87.LOAD_10 -> fpu.load10(escape, reg, low(operand), high(operand));
			default -> {
				if (fpu.prepareStore(escape, reg)) {
					fpu.finishStore(escape, reg);
					return use == X87.STORE_10
							? String.format("%04x:%016x", fpu.storedHigh, fpu.stored)
							: Long.toHexString(fpu.stored);
				}
			}
		}
		return operand;
	}

	private String st(int i) {
		long mantissa = fpu.stMantissa(i);
		int signExponent = fpu.stSignExponent(i);
		return mantissa == 0 && signExponent == 0 ? "0" : String.format("%04x:%016x", signExponent, mantissa);
	}

	private static int hex(String word) {
		return Integer.parseInt(word, 16);
	}

	private static long low(String word) {
		return Long.parseUnsignedLong(word.substring(word.indexOf(':') + 1), 16);
	}

	private static int high(String word) {
		return word.indexOf(':') < 0 ? 0 : hex(word.substring(0, word.indexOf(':')));
	}
}
