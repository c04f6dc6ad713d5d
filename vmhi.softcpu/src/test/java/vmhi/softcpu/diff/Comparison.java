package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import vmhi.softcpu.diff.Case.Approximation;

/** Compares what came of a case on two backends. What may differ is made the same first. */
final class Comparison {
	static final String[] NAMES = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
			"r11", "r12", "r13", "r14", "r15" };
	private static final int UNDEFINED_OPCODE = 6, STACK = 12, PROTECTION = 13, PAGE_FAULT = 14;
	private static final int FX_STATUS = 2, FX_OPCODE = 6, FX_MXCSR = 24, FX_MXCSR_MASK = 28, FX_X87 = 32, FX_XMM = 160,
			FX_END = 416;
	private static final int PRECISION = 0x20, ROUNDED_UP = 0x200;
	private static final double RECIPROCAL_ERROR = 2 * 1.5 / 4096;
	/** Results near the smallest normal number may or may not be 0 (SDM volume 2, RCPPS). */
	private static final double TINY = Float.MIN_NORMAL * (1 + RECIPROCAL_ERROR);

	private Comparison() {}

	/**
	 * The records of a case on both; both are changed.
	 *
	 * @param interprets see {@link Survey#interprets}
	 * @return empty if there is no difference
	 */
	static List<String> differences(Case given, byte[] one, byte[] other, boolean interprets) {
		if (Arrays.equals(one, OUT_REGISTERS, RECORD_SIZE, other, OUT_REGISTERS, RECORD_SIZE))
			return List.of();
		ByteBuffer a = ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN);
		ByteBuffer b = ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN);
		mask(given, a);
		mask(given, b);
		if (interprets)
			adoptInterpreted(a, b);
		if (given.approximation() == Approximation.TRANSCENDENTAL)
			adoptTranscendental(a, b);
		else if (given.approximation() == Approximation.RECIPROCAL)
			adoptReciprocals(a, b);
		if (Arrays.equals(one, OUT_REGISTERS, RECORD_SIZE, other, OUT_REGISTERS, RECORD_SIZE))
			return List.of();
		return describe(a, b);
	}

	/** See {@link Survey#interprets}: #UD for #GP or #SS, and MMX state entered by MOVQ, that faulted for good. */
	private static void adoptInterpreted(ByteBuffer a, ByteBuffer b) {
		long vector = b.getLong(OUT_VECTOR);
		if (b.getLong(OUT_ERROR) != 0 || vector != STACK && vector != PROTECTION)
			return;
		if (a.getLong(OUT_VECTOR) == UNDEFINED_OPCODE)
			a.putLong(OUT_VECTOR, vector);
		if (a.getLong(OUT_VECTOR) == vector)
			for (int i = FX_STATUS; i < FX_XMM; i++)
				if (i < FX_MXCSR || i >= FX_X87)
					b.put(OUT_FX + i, a.get(OUT_FX + i));
	}

	/** Takes out what is undefined. */
	static void mask(Case given, ByteBuffer record) {
		boolean fault = record.getLong(OUT_VECTOR) != NO_FAULT;
		int undefined = fault ? given.everUndefined() : given.undefined();
		record.putLong(OUT_FLAGS, record.getLong(OUT_FLAGS) & ~(undefined & Template.ARITHMETIC));
		if ((undefined & Template.X87_C1) != 0)
			record.putShort(OUT_FX + FX_STATUS, (short) (record.getShort(OUT_FX + FX_STATUS) & ~ROUNDED_UP));
		if (record.getLong(OUT_VECTOR) != PAGE_FAULT)
			record.putLong(OUT_CR2, 0);
		for (int i = FX_OPCODE; i < FX_MXCSR; i++) // last instruction and operand (SDM volume 1, 8.1.8)
			record.put(OUT_FX + i, (byte) 0);
		record.putInt(OUT_FX + FX_MXCSR_MASK, 0); // tells what the processor has, as CPUID does (SDM volume 1, 11.6.6)
		for (int i = given.unspecifiedFrom(); i < given.unspecifiedTo(); i++)
			record.put(i, (byte) 0);
		if (!given.wide()) // the upper halves after 32-bit code (SDM volume 1, 3.4.1.1)
			for (int i = 0; i < 8; i++)
				record.putInt(OUT_REGISTERS + 8 * i + 4, 0);
	}

	/** Within an ulp in any register, and C1 and PE may tell that it was rounded otherwise. */
	private static void adoptTranscendental(ByteBuffer from, ByteBuffer to) {
		for (int i = 0; i < 8; i++) {
			int at = OUT_FX + FX_X87 + 16 * i;
			BigInteger difference = extended(from, at).subtract(extended(to, at)).abs();
			if (difference.compareTo(BigInteger.ONE) <= 0) {
				to.putLong(at, from.getLong(at));
				to.putShort(at + 8, from.getShort(at + 8));
			}
		}
		int status = OUT_FX + FX_STATUS;
		int may = ROUNDED_UP | PRECISION;
		to.putShort(status, (short) (to.getShort(status) & ~may | from.getShort(status) & may));
	}

	/** As a number that ulps can be counted in. */
	private static BigInteger extended(ByteBuffer record, int at) {
		BigInteger significand = new BigInteger(Long.toUnsignedString(record.getLong(at) & Long.MAX_VALUE));
		int exponent = record.getShort(at + 8);
		BigInteger value = BigInteger.valueOf(exponent & 0x7fff).shiftLeft(63).add(significand);
		return exponent < 0 ? value.negate() : value;
	}

	private static void adoptReciprocals(ByteBuffer from, ByteBuffer to) {
		for (int at = OUT_FX + FX_XMM; at < OUT_FX + FX_END; at += 4) {
			float one = from.getFloat(at);
			float other = to.getFloat(at);
			if (Float.isFinite(one) && Float.isFinite(other)
					&& Math.abs((double) one - other) <= RECIPROCAL_ERROR * Math.abs((double) one) + TINY
					&& Math.copySign(1, one) == Math.copySign(1, other))
				to.putInt(at, from.getInt(at));
		}
	}

	private static List<String> describe(ByteBuffer a, ByteBuffer b) {
		List<String> found = new ArrayList<>();
		for (int i = 0; i < 16; i++)
			eight(found, NAMES[i], a, b, OUT_REGISTERS + 8 * i);
		eight(found, "rflags", a, b, OUT_FLAGS);
		eight(found, "vector", a, b, OUT_VECTOR);
		eight(found, "error", a, b, OUT_ERROR);
		eight(found, "fault rip", a, b, OUT_RIP);
		eight(found, "fault cs", a, b, OUT_CS);
		eight(found, "fault ss", a, b, OUT_SS);
		eight(found, "cr2", a, b, OUT_CR2);
		eight(found, "ds, es", a, b, OUT_SEGMENTS);
		bytes(found, "fcw", a, b, OUT_FX, 2);
		bytes(found, "fsw", a, b, OUT_FX + FX_STATUS, 2);
		bytes(found, "tags", a, b, OUT_FX + 4, 2);
		bytes(found, "mxcsr", a, b, OUT_FX + FX_MXCSR, 4);
		for (int i = 0; i < 8; i++)
			bytes(found, "st" + i, a, b, OUT_FX + FX_X87 + 16 * i, 10);
		for (int i = 0; i < 16; i++)
			bytes(found, "xmm" + i, a, b, OUT_FX + FX_XMM + 16 * i, 16);
		for (int i = 0; i < SCRATCH_SIZE; i += 16)
			bytes(found, "memory+" + i, a, b, SCRATCH + i, 16);
		if (found.isEmpty())
			for (int i = OUT_REGISTERS; i < SCRATCH; i++)
				bytes(found, "record+" + i, a, b, i, 1);
		return found;
	}

	private static void eight(List<String> found, String what, ByteBuffer a, ByteBuffer b, int at) {
		if (a.getLong(at) != b.getLong(at))
			found.add("%s: %x, %x".formatted(what, a.getLong(at), b.getLong(at)));
	}

	private static void bytes(List<String> found, String what, ByteBuffer a, ByteBuffer b, int at, int length) {
		String one = number(a, at, length);
		String other = number(b, at, length);
		if (!one.equals(other))
			found.add("%s: %s, %s".formatted(what, one, other));
	}

	/** In the order in which one reads a number, most significant first. */
	static String number(ByteBuffer record, int at, int length) {
		StringBuilder text = new StringBuilder();
		for (int i = length; i-- > 0;)
			text.append("%02x".formatted(record.get(at + i)));
		return text.toString();
	}
}
