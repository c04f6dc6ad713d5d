package vmhi.device.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes ACPI machine language (ACPI 6.5, chapter 20): each method gives the bytes of one term, and those that hold
 * others take them as arguments. There is as much of it as the tables here need.
 */
final class Aml {
	private static final int NAME = 0x08, SCOPE = 0x10, BUFFER = 0x11, PACKAGE = 0x12, EXTENDED = 0x5b, DEVICE = 0x82;
	private static final int BYTE = 0x0a, WORD = 0x0b, DWORD = 0x0c, STRING = 0x0d;

	// resource data types (6.4), with their length in the low bits
	private static final int IRQ_MASK = 0x22, IO_PORTS = 0x47, DECODES_16_BITS = 1, END = 0x79;

	private Aml() {}

	/** {@code Name (name, value)}. */
	static byte[] name(String name, byte[] value) {
		return join(of(NAME), path(name), value);
	}

	/** {@code Scope (path) {...}}. */
	static byte[] scope(String path, byte[]... terms) {
		return sized(of(SCOPE), path(path), join(terms));
	}

	/** {@code Device (name) {...}}. */
	static byte[] device(String name, byte[]... terms) {
		return sized(of(EXTENDED, DEVICE), path(name), join(terms));
	}

	/** {@code Package () {...}}. */
	static byte[] pack(byte[]... elements) {
		if (elements.length > 0xff)
			throw new IllegalArgumentException(elements.length + " elements");
		return sized(of(PACKAGE), of(elements.length), join(elements));
	}

	/** An integer of 32 bits, unsigned, in its shortest form. */
	static byte[] integer(int value) {
		if (value == 0 || value == 1)
			return of(value); // ZeroOp and OneOp
		if ((value & ~0xff) == 0)
			return of(BYTE, value);
		if ((value & ~0xffff) == 0)
			return of(WORD, value, value >> 8);
		return of(DWORD, value, value >> 8, value >> 16, value >>> 24);
	}

	/** A string of ASCII. */
	static byte[] text(String text) {
		return join(of(STRING), text.getBytes(StandardCharsets.US_ASCII), of(0));
	}

	/** {@code EisaId (id)}: three letters and four hexadecimal digits, such as {@code PNP0501}. */
	static byte[] eisaId(String id) {
		int packed = Integer.parseInt(id.substring(3), 16);
		for (int i = 0; i < 3; i++)
			packed |= (id.charAt(i) - '@' & 0x1f) << 26 - 5 * i;
		return integer(Integer.reverseBytes(packed));
	}

	/** {@code ResourceTemplate () {...}}. */
	static byte[] resources(byte[]... descriptors) {
		byte[] list = join(join(descriptors), of(END, 0)); // the checksum 0 stands for none
		return sized(of(BUFFER), integer(list.length), list);
	}

	/** {@code IO (Decode16, first, first, 1, count)}. */
	static byte[] ports(int first, int count) {
		return of(IO_PORTS, DECODES_16_BITS, first, first >> 8, first, first >> 8, 1, count);
	}

	/** {@code IRQNoFlags () {irq}}: an edge, as on the ISA bus. */
	static byte[] irq(int irq) {
		int mask = 1 << irq;
		return of(IRQ_MASK, mask, mask >> 8);
	}

	/** A name of at most four characters, padded as it has to be, perhaps from the root. */
	private static byte[] path(String path) {
		String name = path.startsWith("\\") ? path.substring(1) : path;
		if (!name.matches("[A-Z_][A-Z0-9_]{0,3}"))
			throw new IllegalArgumentException(path);
		String padded = path + "_".repeat(4 - name.length());
		return padded.getBytes(StandardCharsets.US_ASCII);
	}

	/** An operator, the length of what follows, counting itself (20.2.4), and what follows. */
	private static byte[] sized(byte[] operator, byte[]... rest) {
		byte[] content = join(rest);
		int bytes = 1;
		while (content.length + bytes >= 1 << (bytes == 1 ? 6 : 4 + 8 * (bytes - 1)))
			bytes++;
		if (bytes > 4)
			throw new IllegalArgumentException(content.length + " bytes");
		int length = content.length + bytes;
		byte[] size = new byte[bytes];
		if (bytes == 1) {
			size[0] = (byte) length;
		} else {
			size[0] = (byte) (bytes - 1 << 6 | length & 0xf);
			for (int i = 1; i < bytes; i++)
				size[i] = (byte) (length >> 4 + 8 * (i - 1));
		}
		return join(operator, size, content);
	}

	/** One after the other. */
	static byte[] join(byte[]... parts) {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (byte[] part : parts)
			all.writeBytes(part);
		return all.toByteArray();
	}

	private static byte[] of(int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < values.length; i++)
			bytes[i] = (byte) values[i];
		return bytes;
	}
}
