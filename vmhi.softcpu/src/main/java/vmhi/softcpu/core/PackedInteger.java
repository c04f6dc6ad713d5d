package vmhi.softcpu.core;

import static vmhi.softcpu.core.Lanes.BYTES;
import static vmhi.softcpu.core.Lanes.DWORDS;
import static vmhi.softcpu.core.Lanes.WORDS;

/**
 * What instructions on packed integers do with 64 bits. MMX has just that; SSE does it twice, and
 * {@link SseIntegerInsns} says with which halves.
 */
final class PackedInteger {
	/** Operation on two operands, the destination's before first. */
	@FunctionalInterface
	interface Operation {
		long apply(long a, long b);
	}

	private PackedInteger() {}

	/** The operation of an opcode of the two-byte map that works on each half alone, or {@code null}. */
	static Operation each(int opcode) {
		return switch (opcode) {
			case 0x64 -> BYTES::greater;
			case 0x65 -> WORDS::greater;
			case 0x66 -> DWORDS::greater;
			case 0x74 -> BYTES::equal;
			case 0x75 -> WORDS::equal;
			case 0x76 -> DWORDS::equal;
			case 0xd4 -> (a, b) -> a + b;
			case 0xd5 -> PackedInteger::multiplyLow;
			case 0xd8 -> BYTES::subtractUnsignedSaturated;
			case 0xd9 -> WORDS::subtractUnsignedSaturated;
			case 0xda -> BYTES::minUnsigned;
			case 0xdb -> (a, b) -> a & b;
			case 0xdc -> BYTES::addUnsignedSaturated;
			case 0xdd -> WORDS::addUnsignedSaturated;
			case 0xde -> BYTES::maxUnsigned;
			case 0xdf -> (a, b) -> ~a & b;
			case 0xe0 -> BYTES::average;
			case 0xe3 -> WORDS::average;
			case 0xe4 -> PackedInteger::multiplyHighUnsigned;
			case 0xe5 -> PackedInteger::multiplyHigh;
			case 0xe8 -> BYTES::subtractSaturated;
			case 0xe9 -> WORDS::subtractSaturated;
			case 0xea -> WORDS::min;
			case 0xeb -> (a, b) -> a | b;
			case 0xec -> BYTES::addSaturated;
			case 0xed -> WORDS::addSaturated;
			case 0xee -> WORDS::max;
			case 0xef -> (a, b) -> a ^ b;
			case 0xf4 -> (a, b) -> (a & 0xffff_ffffL) * (b & 0xffff_ffffL);
			case 0xf5 -> PackedInteger::multiplyAddWords;
			case 0xf6 -> PackedInteger::sumOfDifferences;
			case 0xf8 -> BYTES::subtract;
			case 0xf9 -> WORDS::subtract;
			case 0xfa -> DWORDS::subtract;
			case 0xfb -> (a, b) -> a - b;
			case 0xfc -> BYTES::add;
			case 0xfd -> WORDS::add;
			case 0xfe -> DWORDS::add;
			default -> null;
		};
	}

	/** The same for 0F 38. What MMX has of them comes first. */
	static Operation each38(int opcode) {
		return switch (opcode) {
			case 0x04 -> PackedInteger::multiplyAddBytes;
			case 0x08 -> BYTES::sign;
			case 0x09 -> WORDS::sign;
			case 0x0a -> DWORDS::sign;
			case 0x0b -> PackedInteger::multiplyHighRounded;
			case 0x1c -> (a, b) -> BYTES.absolute(b);
			case 0x1d -> (a, b) -> WORDS.absolute(b);
			case 0x1e -> (a, b) -> DWORDS.absolute(b);
			case 0x28 -> (a, b) -> (long) (int) a * (int) b;
			case 0x29 -> (a, b) -> a == b ? -1 : 0;
			case 0x37 -> (a, b) -> a > b ? -1 : 0;
			case 0x38 -> BYTES::min;
			case 0x39 -> DWORDS::min;
			case 0x3a -> WORDS::minUnsigned;
			case 0x3b -> DWORDS::minUnsigned;
			case 0x3c -> BYTES::max;
			case 0x3d -> DWORDS::max;
			case 0x3e -> WORDS::maxUnsigned;
			case 0x3f -> DWORDS::maxUnsigned;
			case 0x40 -> (a, b) -> (int) a * (int) b & 0xffff_ffffL | (a >>> 32) * (b >>> 32) << 32;
			default -> null;
		};
	}

	/** Operations that make one half of the result of both halves of an operand: packing, horizontal arithmetic. */
	static Operation fold(int opcode) {
		return switch (opcode) {
			case 0x63 -> (a, b) -> packBytes(a, -0x80, 0x7f) | packBytes(b, -0x80, 0x7f) << 32;
			case 0x67 -> (a, b) -> packBytes(a, 0, 0xff) | packBytes(b, 0, 0xff) << 32;
			case 0x6b -> (a, b) -> packWords(a, -0x8000, 0x7fff) | packWords(b, -0x8000, 0x7fff) << 32;
			default -> null;
		};
	}

	static Operation fold38(int opcode) {
		return switch (opcode) {
			case 0x01 -> (a, b) -> WORDS.add(evenWords(a, b), evenWords(a >>> 16, b >>> 16));
			case 0x02 -> (a, b) -> DWORDS.add(evenDwords(a, b), oddDwords(a, b));
			case 0x03 -> (a, b) -> WORDS.addSaturated(evenWords(a, b), evenWords(a >>> 16, b >>> 16));
			case 0x05 -> (a, b) -> WORDS.subtract(evenWords(a, b), evenWords(a >>> 16, b >>> 16));
			case 0x06 -> (a, b) -> DWORDS.subtract(evenDwords(a, b), oddDwords(a, b));
			case 0x07 -> (a, b) -> WORDS.subtractSaturated(evenWords(a, b), evenWords(a >>> 16, b >>> 16));
			case 0x2b -> (a, b) -> packWords(a, 0, 0xffff) | packWords(b, 0, 0xffff) << 32;
			default -> null;
		};
	}

	/** Interleaves the low halves of the operands: PUNPCKLBW and the others by opcode. */
	static Operation unpackLow(int opcode) {
		return switch (opcode & 7) {
			case 0 -> (a, b) -> spreadBytes(a) | spreadBytes(b) << 8;
			case 1 -> (a, b) -> spreadWords(a) | spreadWords(b) << 16;
			default -> PackedInteger::evenDwords;
		};
	}

	/** Interleaves the high halves of the operands. */
	static Operation unpackHigh(int opcode) {
		return switch (opcode & 7) {
			case 0 -> (a, b) -> spreadBytes(a >>> 32) | spreadBytes(b >>> 32) << 8;
			case 1 -> (a, b) -> spreadWords(a >>> 32) | spreadWords(b >>> 32) << 16;
			default -> PackedInteger::oddDwords;
		};
	}

	/** The low four bytes, with a zero byte after each. */
	static long spreadBytes(long value) {
		long spread = spreadWords(value);
		return (spread | spread << 8) & 0x00ff_00ff_00ff_00ffL;
	}

	/** The low two words, with a zero word after each. */
	static long spreadWords(long value) {
		return value & 0xffff | value << 16 & 0xffff_0000_0000L;
	}

	static long evenDwords(long a, long b) {
		return a & 0xffff_ffffL | b << 32;
	}

	static long oddDwords(long a, long b) {
		return a >>> 32 | b & 0xffff_ffff_0000_0000L;
	}

	/** Words 0 and 2 of both. */
	private static long evenWords(long a, long b) {
		return a & 0xffff | a >>> 16 & 0xffff_0000L | (b & 0xffff | b >>> 16 & 0xffff_0000L) << 32;
	}

	private static long packBytes(long words, int min, int max) {
		long result = 0;
		for (int at = 0; at < 4; at++)
			result |= (long) (clamp((short) (words >> 16 * at), min, max) & 0xff) << 8 * at;
		return result;
	}

	private static long packWords(long dwords, int min, int max) {
		return clamp((int) dwords, min, max) & 0xffff | (long) (clamp((int) (dwords >> 32), min, max) & 0xffff) << 16;
	}

	static int clamp(int value, int min, int max) {
		return Math.max(min, Math.min(max, value));
	}

	private static int word(long value, int at) {
		return (short) (value >> 16 * at);
	}

	private static long multiplyLow(long a, long b) {
		long result = 0;
		for (int at = 0; at < 4; at++)
			result |= (word(a, at) * word(b, at) & 0xffffL) << 16 * at;
		return result;
	}

	private static long multiplyHigh(long a, long b) {
		long result = 0;
		for (int at = 0; at < 4; at++)
			result |= (word(a, at) * word(b, at) >> 16 & 0xffffL) << 16 * at;
		return result;
	}

	private static long multiplyHighUnsigned(long a, long b) {
		long result = 0;
		for (int at = 0; at < 4; at++)
			result |= ((word(a, at) & 0xffff) * (word(b, at) & 0xffff) >>> 16 & 0xffffL) << 16 * at;
		return result;
	}

	private static long multiplyHighRounded(long a, long b) {
		long result = 0;
		for (int at = 0; at < 4; at++)
			result |= ((word(a, at) * word(b, at) >> 14) + 1 >> 1 & 0xffffL) << 16 * at;
		return result;
	}

	private static long multiplyAddWords(long a, long b) {
		int low = word(a, 0) * word(b, 0) + word(a, 1) * word(b, 1);
		int high = word(a, 2) * word(b, 2) + word(a, 3) * word(b, 3);
		return low & 0xffff_ffffL | (long) high << 32;
	}

	/** Unsigned bytes of the destination by signed ones of the source. */
	private static long multiplyAddBytes(long a, long b) {
		long result = 0;
		for (int at = 0; at < 64; at += 16) {
			int sum = (int) (a >> at & 0xff) * (byte) (b >> at) + (int) (a >> at + 8 & 0xff) * (byte) (b >> at + 8);
			result |= (clamp(sum, -0x8000, 0x7fff) & 0xffffL) << at;
		}
		return result;
	}

	private static long sumOfDifferences(long a, long b) {
		long sum = 0;
		for (int at = 0; at < 64; at += 8)
			sum += Math.abs((a >> at & 0xff) - (b >> at & 0xff));
		return sum;
	}

	/** The bytes of {@code table} that {@code selectors} ask for, zero where their highest bit is set: PSHUFB. */
	static long shuffle(long table, long selectors) {
		long result = 0;
		for (int at = 0; at < 64; at += 8) {
			int selector = (int) (selectors >> at);
			if ((selector & 0x80) == 0)
				result |= (table >> 8 * (selector & 7) & 0xff) << at;
		}
		return result;
	}

	/** Words by the four pairs of bits of {@code order}. */
	static long shuffleWords(long words, int order) {
		return words >>> 16 * (order & 3) & 0xffff | (words >>> 16 * (order >> 2 & 3) & 0xffff) << 16
				| (words >>> 16 * (order >> 4 & 3) & 0xffff) << 32 | words >>> 16 * (order >> 6 & 3) << 48;
	}

	/** The highest bit of each byte. */
	static int signs(long bytes) {
		// each of the eight bits is moved to the top byte, to a place of its own
		return (int) (((bytes & 0x8080_8080_8080_8080L) >>> 7) * 0x0102_0408_1020_4080L >>> 56);
	}

	/** Shift of each lane by a count, or {@code null}: opcodes D1 to F3 of the two-byte map. */
	static Operation shift(int opcode) {
		return switch (opcode) {
			case 0xd1 -> WORDS::shiftRight;
			case 0xd2 -> DWORDS::shiftRight;
			case 0xd3 -> (a, count) -> count >>> 6 != 0 ? 0 : a >>> count;
			case 0xe1 -> WORDS::shiftRightArithmetic;
			case 0xe2 -> DWORDS::shiftRightArithmetic;
			case 0xf1 -> WORDS::shiftLeft;
			case 0xf2 -> DWORDS::shiftLeft;
			case 0xf3 -> (a, count) -> count >>> 6 != 0 ? 0 : a << count;
			default -> null;
		};
	}

	/** Shift by an immediate: opcodes 71 to 73 with {@code operation} in the reg field; {@code null} if undefined. */
	static Operation shiftImmediate(int opcode, int operation) {
		return switch (operation) {
			case 2 -> shift(0xd0 | opcode & 3);
			case 4 -> shift(0xe0 | opcode & 3);
			case 6 -> shift(0xf0 | opcode & 3);
			default -> null;
		};
	}
}
