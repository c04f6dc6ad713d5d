package vmhi.device.rtc;

import vmhi.api.device.Board;
import vmhi.api.memory.MemoryRegion;

/**
 * What firmware leaves in the CMOS memory of a PC after its power-on test, for software that looks there for the size
 * of memory. The places are those that the IBM PC AT, and after it Bochs and QEMU, use.
 */
final class CmosMemory {
	static final int SIZE = 128;
	static final int CENTURY = 0x32;

	private static final int EQUIPMENT = 0x14;
	private static final int BASE_KIB = 0x15;
	private static final int EXTENDED_KIB = 0x17;
	private static final int CHECKSUM_FROM = 0x10, CHECKSUM_TO = 0x2d, CHECKSUM = 0x2e;
	private static final int EXTENDED_KIB_FOUND = 0x30;
	private static final int ABOVE_16_MIB = 0x34; // in units of 64 KiB
	private static final int ABOVE_4_GIB = 0x5b; // likewise, three bytes
	private static final int FURTHER_CPUS = 0x5f;

	private static final int FPU = 2;
	private static final int KIB_BELOW_EBDA = 639;
	private static final long MIB = 1 << 20, GIB = 1 << 30;

	private CmosMemory() {}

	/** The memory of a machine that has this board. */
	static byte[] describing(Board board) {
		long below = 0; // where RAM ends below 4 GiB
		long above = 0;
		for (MemoryRegion region : board.memory().regions())
			if (region.gpa() < 4 * GIB)
				below = Math.max(below, region.end());
			else
				above += region.size();
		byte[] cmos = new byte[SIZE];
		cmos[EQUIPMENT] = FPU;
		put(cmos, BASE_KIB, 2, KIB_BELOW_EBDA);
		long extended = Math.min(0xffff, Math.max(0, below - MIB) >> 10);
		put(cmos, EXTENDED_KIB, 2, extended);
		put(cmos, EXTENDED_KIB_FOUND, 2, extended);
		put(cmos, ABOVE_16_MIB, 2, Math.min(0xffff, Math.max(0, below - 16 * MIB) >> 16));
		put(cmos, ABOVE_4_GIB, 3, Math.min(0xff_ffff, above >> 16));
		cmos[FURTHER_CPUS] = (byte) Math.min(0xff, board.vcpus() - 1);
		int sum = 0;
		for (int i = CHECKSUM_FROM; i <= CHECKSUM_TO; i++)
			sum += cmos[i] & 0xff;
		cmos[CHECKSUM] = (byte) (sum >> 8); // high byte first, unlike all others
		cmos[CHECKSUM + 1] = (byte) sum;
		return cmos;
	}

	private static void put(byte[] cmos, int at, int bytes, long value) {
		for (int i = 0; i < bytes; i++)
			cmos[at + i] = (byte) (value >> 8 * i);
	}
}
