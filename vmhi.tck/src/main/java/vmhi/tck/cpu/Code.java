package vmhi.tck.cpu;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * A piece of machine code, written as a listing: bytes in hexadecimal, a semicolon, and the assembly language they come
 * from. A test holds one to the other.
 */
record Code(int bits, String listing) {

	byte[] bytes() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		listing.lines().forEach(line -> bytes.writeBytes(hex(line)));
		return bytes.toByteArray();
	}

	private static byte[] hex(String line) {
		return HexFormat.of().parseHex(line.substring(0, line.indexOf(';')).replace(" ", ""));
	}

	/** The assembly language. */
	String source() {
		StringBuilder source = new StringBuilder("bits " + bits + "\norg " + Bench.CODE + "\n");
		listing.lines().forEach(line -> source.append(line.substring(line.indexOf(';') + 1)).append('\n'));
		return source.toString();
	}
}
