package vmhi.softcpu.core;

/** CRC32 of SSE4.2, polynomial 11EDC6F41h. It works on general registers, whether or not SSE is switched on. */
final class Crc32Insn extends Insn {
	/** The polynomial without its highest power, bits reversed. */
	private static final int POLYNOMIAL = 0x82f6_3b78;
	/** Of a byte that is followed by 0 to 7 more. */
	private static final int[][] TABLES = tables();

	private static int[][] tables() {
		int[][] tables = new int[8][256];
		for (int value = 0; value < 256; value++) {
			int crc = value;
			for (int bit = 0; bit < 8; bit++)
				crc = crc >>> 1 ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
			tables[0][value] = crc;
		}
		for (int more = 1; more < 8; more++)
			for (int value = 0; value < 256; value++) {
				int before = tables[more - 1][value];
				tables[more][value] = before >>> 8 ^ tables[0][before & 0xff];
			}
		return tables;
	}

	/** F2 0F 38 F0 and F1, ModRM read. */
	static Insn decode(Decoder d, int opcode) {
		int size = opcode == 0xf0 ? 1 : d.operandSize;
		Insn insn = SseInsn.finish(d, new Crc32Insn(), size);
		if (size == 1)
			insn.rm = (byte) d.byteRegister(insn.rm);
		return insn;
	}

	@Override
	public void exec(Cpu c) {
		c.r[reg] = crc((int) c.r[reg], readRm(c), size) & 0xffff_ffffL;
	}

	static int crc(int crc, long data, int size) {
		long value = data ^ crc & 0xffff_ffffL;
		// bits of the old remainder that the data do not reach
		int result = size < 4 ? crc >>> 8 * size : 0;
		for (int at = 0; at < size; at++)
			result ^= TABLES[size - 1 - at][(int) (value >>> 8 * at) & 0xff];
		return result;
	}
}
