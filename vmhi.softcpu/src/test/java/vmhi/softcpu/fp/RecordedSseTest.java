package vmhi.softcpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Holds SSE arithmetic to what a processor answered, {@code sse.txt}. */
class RecordedSseTest {
	private static final long LOWER = 0xffffffffL;

	private final SseMath sse = new SseMath();

	@Test
	void answersWhatTheProcessorAnswered() throws IOException {
		List<String> wrong = new ArrayList<>();
		for (String line : RecordedX87Test.recorded("sse.txt")) {
			String[] words = line.split(" ");
			sse.mxcsr = Integer.parseInt(words[2], 16);
			long result = execute(words[0], number(words[1]), Long.parseUnsignedLong(words[3], 16), number(words[4]));
			boolean fault = sse.faults();
			String got = String.format("> %04x %s", sse.mxcsr, fault ? "fault" : Long.toHexString(result));
			if (!line.endsWith(got)) {
				wrong.add(line + " but was " + got);
			}
		}
		assertEquals("", String.join("\n", wrong));
	}

	private static long number(String word) {
		return word.equals("-") ? 0 : Long.parseUnsignedLong(word, 16);
	}

	private long execute(String name, long immediate, long a, long b) {
		return name.contains("32")
				? execute32(name, (int) immediate, a, (int) b)
				: execute64(name, (int) immediate, a, b);
	}

	/** Where the name has 32 bits in it, as operand or as result. */
	private long execute32(String name, int immediate, long wide, int b) {
		int a = (int) wide;
		return switch (name) {
			case "add32" -> sse.add32(a, b) & LOWER;
			case "sub32" -> sse.sub32(a, b) & LOWER;
			case "mul32" -> sse.mul32(a, b) & LOWER;
			case "div32" -> sse.div32(a, b) & LOWER;
			case "min32" -> sse.min32(a, b) & LOWER;
			case "max32" -> sse.max32(a, b) & LOWER;
			case "sqrt32" -> sse.sqrt32(a) & LOWER;
			case "compare32" -> sse.compare32(a, b, immediate) & LOWER;
			case "ucomis32" -> sse.comis32(a, b, true);
			case "comis32" -> sse.comis32(a, b, false);
			case "round32" -> sse.round32(a, immediate) & LOWER;
			case "cvt64to32" -> sse.cvt64to32(wide) & LOWER;
			case "cvt32to64" -> sse.cvt32to64(a);
			case "intTo32" -> sse.intTo32(a) & LOWER;
			case "longTo32" -> sse.longTo32(wide) & LOWER;
			case "toInt32" -> sse.toInt32(a, false) & LOWER;
			case "toInt32t" -> sse.toInt32(a, true) & LOWER;
			case "toLong32" -> sse.toLong32(a, false);
			case "toLong32t" -> sse.toLong32(a, true);
			default -> throw new IllegalArgumentException(name);
		};
	}

	private long execute64(String name, int immediate, long a, long b) {
		return switch (name) {
			case "add64" -> sse.add64(a, b);
			case "sub64" -> sse.sub64(a, b);
			case "mul64" -> sse.mul64(a, b);
			case "div64" -> sse.div64(a, b);
			case "min64" -> sse.min64(a, b);
			case "max64" -> sse.max64(a, b);
			case "sqrt64" -> sse.sqrt64(a);
			case "compare64" -> sse.compare64(a, b, immediate);
			case "ucomis64" -> sse.comis64(a, b, true);
			case "comis64" -> sse.comis64(a, b, false);
			case "round64" -> sse.round64(a, immediate);
			case "intTo64" -> sse.intTo64((int) a);
			case "longTo64" -> sse.longTo64(a);
			case "toInt64" -> sse.toInt64(a, false) & LOWER;
			case "toInt64t" -> sse.toInt64(a, true) & LOWER;
			case "toLong64" -> sse.toLong64(a, false);
			case "toLong64t" -> sse.toLong64(a, true);
			default -> throw new IllegalArgumentException(name);
		};
	}
}
