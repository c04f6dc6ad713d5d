package vmhi.device.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A table as it is being written: little-endian, growing. */
final class Table {
	/** Who made it, in the header of each. */
	static final String OEM = "VMHI", OEM_TABLE = "VMHIPC", CREATOR = "VMHI";

	/** Length of the header that all ACPI tables but two have (ACPI 6.5, 5.2.6). */
	static final int HEADER = 36;

	private static final int LENGTH_AT = 4, CHECKSUM_AT = 9;

	private ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);

	/** An ACPI table with its header, of which {@link #acpi} fills in length and checksum. */
	static Table withHeader(String signature, int revision) {
		return new Table().text(signature, 4).dword(0).bytes(revision, 0).text(OEM, 6).text(OEM_TABLE, 8).dword(1)
				.text(CREATOR, 4).dword(1);
	}

	Table bytes(int... values) {
		for (int value : values)
			room(1).put((byte) value);
		return this;
	}

	Table word(int value) {
		room(2).putShort((short) value);
		return this;
	}

	Table dword(int value) {
		room(4).putInt(value);
		return this;
	}

	Table qword(long value) {
		room(8).putLong(value);
		return this;
	}

	/** Text, cut or filled up with spaces to a length. */
	Table text(String text, int length) {
		String padded = text + " ".repeat(Math.max(0, length - text.length()));
		return raw(padded.substring(0, length).getBytes(StandardCharsets.US_ASCII));
	}

	Table raw(byte[] data) {
		room(data.length).put(data);
		return this;
	}

	Table zeros(int count) {
		return raw(new byte[count]);
	}

	/** A generic address structure (5.2.3.2) of a register in I/O space, or with port 0 of none. */
	Table port(int port, int bits) {
		// access size 1 to 3 stands for byte, word, dword
		int access = port == 0 ? 0 : Integer.numberOfTrailingZeros(bits >> 3) + 1;
		return bytes(port == 0 ? 0 : 1, port == 0 ? 0 : bits, 0, access).qword(port);
	}

	int length() {
		return bytes.position();
	}

	/** Has all bytes from the first on up to a length add up to 0, by changing one. */
	Table checksum(int at, int length) {
		bytes.put(at, (byte) 0);
		int sum = 0;
		for (int i = 0; i < length; i++)
			sum += bytes.get(i);
		bytes.put(at, (byte) -sum);
		return this;
	}

	/** The ACPI table, done. */
	byte[] acpi() {
		bytes.putInt(LENGTH_AT, length());
		return checksum(CHECKSUM_AT, length()).done();
	}

	/** Everything as it was written. */
	byte[] done() {
		return Arrays.copyOf(bytes.array(), length());
	}

	Table word(int at, int value) {
		bytes.putShort(at, (short) value);
		return this;
	}

	private ByteBuffer room(int count) {
		if (bytes.remaining() < count)
			bytes = ByteBuffer.allocate(2 * bytes.capacity() + count).order(ByteOrder.LITTLE_ENDIAN).put(bytes.flip());
		return bytes;
	}
}
