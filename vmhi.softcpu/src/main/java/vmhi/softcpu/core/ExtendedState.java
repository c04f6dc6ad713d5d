package vmhi.softcpu.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import vmhi.softcpu.fp.X87;

/**
 * The state of FPU and SSE as FXSAVE and XSAVE lay it out (SDM volume 1, 10.5.1 and 13.4), held as the longs that are
 * in memory: 64 of the legacy area, then those of the header. Belongs to the vCPU's thread.
 */
public final class ExtendedState {
	/** Bytes of all, in the standard form: legacy area and header. */
	public static final int BYTES = 576;
	/** State components, as XCR0 has them. */
	static final int X87 = 1, SSE = 2, ALL = X87 | SSE;
	/** Bits of MXCSR that there are. */
	static final int MXCSR_MASK = 0xffff;

	/** Longs of the legacy area: MXCSR, the first of eight registers of the FPU, the first of XMM0; and its end. */
	static final int MXCSR = 3, ST = 4, XMM = 20, LEGACY = 64;

	private ExtendedState() {}

	/** All of it, in the format of 64-bit mode, with both components marked as present. */
	public static byte[] save(Cpu c) {
		long[] area = new long[BYTES / 8];
		x87(c, area, true);
		mxcsr(c, area);
		System.arraycopy(c.xmm, 0, area, XMM, 32);
		area[LEGACY] = ALL;
		ByteBuffer image = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
		image.asLongBuffer().put(area);
		return image.array();
	}

	/** Whether {@link #restore} can make something of it. It may be longer than what it uses. */
	public static boolean valid(byte[] image) {
		if (image.length < BYTES)
			return false;
		long[] area = longs(image);
		return headerIsValid(area[LEGACY], area[LEGACY + 1], area[LEGACY + 2], ALL) && mxcsrIsValid((int) area[MXCSR]);
	}

	/** Puts in what {@link #save} took out. Components that are not marked as present become what they are at reset. */
	public static void restore(Cpu c, byte[] image) {
		long[] area = longs(image);
		c.sse.mxcsr = (int) area[MXCSR] & MXCSR_MASK;
		restore(c, area, ALL, area[LEGACY], true, 16);
	}

	private static long[] longs(byte[] image) {
		long[] area = new long[BYTES / 8];
		ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(area);
		return area;
	}

	/** The standard form, and no components but those that are enabled (SDM volume 1, 13.8). */
	static boolean headerIsValid(long present, long compaction, long reserved, long enabled) {
		return (present & ~enabled | compaction | reserved) == 0;
	}

	static boolean mxcsrIsValid(int value) {
		return (value & ~MXCSR_MASK) == 0;
	}

	/**
	 * Loads components from an area.
	 *
	 * @param wanted which are loaded
	 * @param present which are in the area; the others become what they are at reset
	 * @param wide whether pointers of the FPU have 64 bits
	 * @param registers how many XMM registers there are in this mode
	 */
	static void restore(Cpu c, long[] area, long wanted, long present, boolean wide, int registers) {
		if ((wanted & X87) != 0) {
			if ((present & X87) == 0)
				resetX87(c.x87);
			else
				restoreX87(c.x87, area, wide);
		}
		if ((wanted & SSE) != 0) {
			boolean zero = (present & SSE) == 0;
			for (int at = 0; at < 2 * registers; at++)
				c.xmm[at] = zero ? 0 : area[XMM + at];
		}
	}

	private static void resetX87(X87 fpu) {
		fpu.reset();
		for (int r = 0; r < 8; r++)
			fpu.physical(r, 0, 0);
	}

	static void x87(Cpu c, long[] area, boolean wide) {
		X87 fpu = c.x87;
		area[0] = fpu.control() | (long) fpu.status() << 16 | (long) fpu.abridgedTag() << 32 | (long) fpu.opcode << 48;
		area[1] = wide ? fpu.instructionPointer : fpu.instructionPointer & 0xffff_ffffL;
		area[2] = wide ? fpu.dataPointer : fpu.dataPointer & 0xffff_ffffL;
		for (int i = 0; i < 8; i++) {
			area[ST + 2 * i] = fpu.stMantissa(i);
			area[ST + 2 * i + 1] = fpu.stSignExponent(i);
		}
	}

	private static void restoreX87(X87 fpu, long[] area, boolean wide) {
		fpu.control((int) area[0] & 0xffff);
		fpu.status((int) (area[0] >> 16) & 0xffff);
		fpu.abridgedTag((int) (area[0] >> 32) & 0xff);
		fpu.opcode = (int) (area[0] >> 48) & 0x7ff;
		fpu.instructionPointer = wide ? area[1] : area[1] & 0xffff_ffffL;
		fpu.dataPointer = wide ? area[2] : area[2] & 0xffff_ffffL;
		for (int i = 0; i < 8; i++)
			fpu.st(i, area[ST + 2 * i], (int) area[ST + 2 * i + 1] & 0xffff);
	}

	static void mxcsr(Cpu c, long[] area) {
		area[MXCSR] = c.sse.mxcsr | (long) MXCSR_MASK << 32;
	}
}
