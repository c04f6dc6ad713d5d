package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

import vmhi.softcpu.diff.Differential.Difference;

/** Writes a case and its differences out, so that a person can see what happened and run it again. */
final class Report {

	private Report() {}

	static String of(Difference difference) {
		Case given = difference.given();
		StringBuilder text = new StringBuilder("case %d:%d, %d-bit, %s\n".formatted(given.seed(), given.index(),
				given.wide() ? 64 : 32, given.names()));
		text.append(disassembly(given));
		text.append("begins with\n").append(input(given)).append("ends differently (reference, tested)\n");
		difference.what().forEach(line -> text.append("  ").append(line).append('\n'));
		return text.append("again: -Dvmhi.diff.case=").append(given.seed()).append(':').append(given.index())
				.append('\n')
				.toString();
	}

	private static String input(Case given) {
		ByteBuffer record = ByteBuffer.wrap(given.record()).order(ByteOrder.LITTLE_ENDIAN);
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < 16; i++)
			text.append("  %-4s%016x%s".formatted(Comparison.NAMES[i], record.getLong(IN_REGISTERS + 8 * i),
					i % 4 == 3 ? "\n" : ""));
		text.append("  rflags %x, mxcsr %x, fcw %04x, fsw %04x, tags %02x\n".formatted(record.getLong(IN_FLAGS),
				record.getInt(24), record.getShort(0), record.getShort(2), record.get(4)));
		for (int i = 0; i < 8; i++)
			text.append("  st%d %s%s".formatted(i, Comparison.number(record, 32 + 16 * i, 10), i % 4 == 3 ? "\n" : ""));
		for (int i = 0; i < 16; i++)
			text.append("  %-5s %s%s".formatted("xmm" + i, Comparison.number(record, 160 + 16 * i, 16),
					i % 2 == 1 ? "\n" : ""));
		for (int i = 0; i < SCRATCH_SIZE; i += 32)
			text.append("  %x %s %s\n".formatted(scratch(given.slot()) + i,
					HexFormat.of().formatHex(given.record(), SCRATCH + i, SCRATCH + i + 16),
					HexFormat.of().formatHex(given.record(), SCRATCH + i + 16, SCRATCH + i + 32)));
		return text.toString();
	}

	/** By objdump where there is one; else the bytes. */
	private static String disassembly(Case given) {
		String bytes = "  %x: %s\n".formatted(code(given.slot()),
				HexFormat.of().formatHex(given.code(), 0, given.length()));
		try {
			Path file = Files.createTempFile("case", ".bin");
			try {
				Files.write(file, Arrays.copyOf(given.code(), given.length()));
				Process process = new ProcessBuilder("objdump", "-D", "-b", "binary", "-m",
						given.wide() ? "i386:x86-64" : "i386", "-M", "intel", "--adjust-vma=" + code(given.slot()),
						file.toString()).redirectErrorStream(true).start();
				String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
				if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0)
					return bytes;
				return text.lines().filter(line -> line.startsWith(" ")).reduce("", (a, b) -> a + b + "\n");
			} finally {
				Files.delete(file);
			}
		} catch (IOException e) {
			return bytes; // no objdump
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			return bytes;
		}
	}
}
