package vmhi.softcpu.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Holds instructions on XMM and MMX registers to what a processor did, {@code insns.txt}. */
class RecordedInsnsTest {
	private final SingleStep step = new SingleStep();
	private final Cpu cpu = step.cpu;

	@Test
	void doesWhatTheProcessorDid() throws IOException {
		List<String> wrong = new ArrayList<>();
		int cases = 0;
		for (String line : lines()) {
			String[] words = line.split(" ");
			for (int x = 0; x < 3; x++)
				set(x, words[1 + x]);
			cpu.arithmeticFlags(0);
			cpu.sse.mxcsr = 0x1f80;
			cpu.x87.enterMmx();
			long[] registers = cpu.r.clone();
			long[] xmm = cpu.xmm.clone();
			int vector = step.execute(words[0]);
			String got = line.substring(0, line.indexOf('>') + 1) + (vector < 0 ? changes(registers, xmm) : " fault");
			if (!got.equals(line))
				wrong.add(line + " but was " + got.substring(got.indexOf('>') + 1));
			cases++;
		}
		assertEquals("", String.join("\n", wrong));
		assertEquals(426, cases);
	}

	private static List<String> lines() throws IOException {
		try (InputStream file = RecordedInsnsTest.class.getResourceAsStream("insns.txt")) {
			String text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
			return text.lines().filter(line -> !line.startsWith("#")).toList();
		}
	}

	private void set(int x, String value) {
		int colon = value.indexOf(':');
		long low = Long.parseUnsignedLong(value.substring(colon + 1), 16);
		cpu.xmm[2 * x] = low;
		cpu.xmm[2 * x + 1] = Long.parseUnsignedLong(value.substring(0, colon), 16);
		cpu.x87.mmx(x, low);
		cpu.r[x] = low;
	}

	private String changes(long[] registers, long[] xmm) {
		StringBuilder text = new StringBuilder();
		for (int r = 0; r < 16; r++)
			if (cpu.r[r] != registers[r])
				text.append(String.format(" r%d=%x", r, cpu.r[r]));
		if (cpu.arithmeticFlags() != 0)
			text.append(String.format(" flags=%x", cpu.arithmeticFlags()));
		if (cpu.sse.mxcsr != 0x1f80)
			text.append(String.format(" mxcsr=%x", cpu.sse.mxcsr));
		if (cpu.x87.abridgedTag() != 0xff)
			text.append(String.format(" tag=%x", cpu.x87.abridgedTag()));
		for (int m = 0; m < 8; m++)
			if (cpu.x87.mmx(m) != (m < 3 ? xmm[2 * m] : 0))
				text.append(String.format(" mm%d=%x", m, cpu.x87.mmx(m)));
		for (int x = 0; x < 16; x++)
			if (cpu.xmm[2 * x] != xmm[2 * x] || cpu.xmm[2 * x + 1] != xmm[2 * x + 1])
				text.append(String.format(" xmm%d=%016x:%016x", x, cpu.xmm[2 * x + 1], cpu.xmm[2 * x]));
		return text.toString();
	}
}
