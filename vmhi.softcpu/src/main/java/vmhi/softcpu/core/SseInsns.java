package vmhi.softcpu.core;

/**
 * Opcodes of SSE to SSE4.2, AES, PCLMULQDQ and MMX: which instruction it is by opcode and mandatory prefix (SDM volume
 * 2, appendix A). The families know what is done.
 */
final class SseInsns {
	private static final int NONE = SseInsn.NONE, P66 = SseInsn.P66, PF3 = SseInsn.PF3, PF2 = SseInsn.PF2;

	private SseInsns() {}

	/** An opcode of the two-byte map; {@code null} if undefined. */
	static Insn decode(Decoder d, int opcode) {
		int prefix = SseInsn.prefix(d);
		int second = opcode == 0x38 || opcode == 0x3a ? d.u8() : 0;
		Insn insn = switch (opcode) {
			case 0x38 -> decode38(d, second, prefix);
			case 0x3a -> decode3a(d, second, prefix);
			case 0x77 -> prefix == NONE ? MmxInsns.empty(d) : null;
			default -> {
				d.modrm();
				yield decode(d, opcode, prefix);
			}
		};
		if (insn != null) {
			insn.vectorOnly = vectorOnly(opcode, second, insn.memory);
			insn.op = (short) operation(opcode, prefix, insn, d.rexW);
		}
		return insn;
	}

	/** What translation knows it as; see {@link Op}. */
	private static int operation(int opcode, int prefix, Insn insn, boolean wide) {
		if (!(insn instanceof SseInsn))
			return insn.op;
		boolean full = prefix <= P66;
		return switch (opcode) {
			case 0x10 -> full ? moved(insn, Op.VMOVE, 1) : Op.VSCALAR;
			case 0x11 -> full ? moved(insn, Op.VMOVE_BACK, 1) : Op.VSCALAR_BACK;
			case 0x12 -> prefix == PF2 ? Op.VTWICE : full ? half(insn, Op.VHALF, 0) : Op.OTHER;
			case 0x16 -> full ? half(insn, Op.VHALF, 1) : Op.OTHER;
			case 0x13, 0x17 -> half(insn, Op.VHALF_BACK, opcode == 0x17 ? 1 : 0);
			case 0x14 -> full ? prefix == NONE ? Op.VUNPACK_LOW4 : Op.VUNPACK_LOW8 : Op.OTHER;
			case 0x15 -> full ? prefix == NONE ? Op.VUNPACK_HIGH4 : Op.VUNPACK_HIGH8 : Op.OTHER;
			case 0x28 -> moved(insn, Op.VMOVE, 16);
			case 0x29, 0x2b -> moved(insn, Op.VMOVE_BACK, 16);
			case 0x2a -> full ? Op.OTHER : prefix == PF3 ? Op.VINTEGER_TO_SINGLE : Op.VINTEGER_TO_DOUBLE;
			case 0x2c -> full ? Op.OTHER : wide ? Op.VTO_INTEGER8 : Op.VTO_INTEGER4;
			case 0x2e -> Op.VCOMPARE_QUIET;
			case 0x2f -> Op.VCOMPARE;
			case 0x51 -> Op.VROOT + prefix;
			case 0x54, 0xdb -> full ? Op.VAND : Op.OTHER;
			case 0x55, 0xdf -> full ? Op.VANDN : Op.OTHER;
			case 0x56, 0xeb -> full ? Op.VOR : Op.OTHER;
			case 0x57, 0xef -> full ? Op.VXOR : Op.OTHER;
			case 0x58 -> Op.VADD + prefix;
			case 0x59 -> Op.VMULTIPLY + prefix;
			case 0x5a -> prefix == PF3 ? Op.VSINGLE_TO_DOUBLE : prefix == PF2 ? Op.VDOUBLE_TO_SINGLE : Op.OTHER;
			case 0x5c -> Op.VSUBTRACT + prefix;
			case 0x5d -> Op.VMIN + prefix;
			case 0x5e -> Op.VDIVIDE + prefix;
			case 0x5f -> Op.VMAX + prefix;
			case 0x62 -> Op.VUNPACK_LOW4;
			case 0x6a -> Op.VUNPACK_HIGH4;
			case 0x6c -> Op.VUNPACK_LOW8;
			case 0x6d -> Op.VUNPACK_HIGH8;
			case 0x64, 0x65, 0x66 -> lanes(insn, Op.VLANES_GREATER, 1 << (opcode & 3));
			case 0x74, 0x75, 0x76 -> lanes(insn, Op.VLANES_EQUAL, 1 << (opcode & 3));
			case 0xd4 -> lanes(insn, Op.VLANES_ADD, 8);
			case 0xda -> lanes(insn, Op.VLANES_MIN_UNSIGNED, 1);
			case 0xde -> lanes(insn, Op.VLANES_MAX_UNSIGNED, 1);
			case 0xf4 -> Op.VMULTIPLY_DWORDS;
			case 0xf8, 0xf9, 0xfa, 0xfb -> lanes(insn, Op.VLANES_SUBTRACT, 1 << (opcode & 3));
			case 0xfc, 0xfd, 0xfe -> lanes(insn, Op.VLANES_ADD, 1 << (opcode & 3));
			case 0x70 -> prefix == P66 ? Op.VSHUFFLE : Op.OTHER;
			case 0x71, 0x72, 0x73 -> shifted(opcode, insn.reg & 7);
			case 0xc6 -> prefix == NONE ? Op.VSHUFFLE_BOTH4 : Op.VSHUFFLE_BOTH8;
			case 0xd7 -> Op.VSIGNS;
			case 0x6e -> Op.VFROM_GENERAL;
			case 0x6f -> moved(insn, Op.VMOVE, prefix == P66 ? 16 : 1);
			case 0x7e -> prefix == PF3 ? Op.VQUAD : Op.VTO_GENERAL;
			case 0x7f, 0xe7 -> moved(insn, Op.VMOVE_BACK, prefix == P66 ? 16 : 1);
			case 0xd6 -> Op.VQUAD_BACK;
			case 0xf0 -> moved(insn, Op.VMOVE, 1);
			default -> Op.OTHER;
		};
	}

	private static int moved(Insn insn, int op, int alignment) {
		insn.imm = alignment - 1;
		return op;
	}

	private static int lanes(Insn insn, int op, int size) {
		insn.imm = size;
		return op;
	}

	private static int shifted(int opcode, int operation) {
		int size = opcode - 0x71;
		return switch (operation) {
			case 2 -> Op.VSHR2 + size;
			case 3 -> Op.VSHR16;
			case 6 -> Op.VSHL2 + size;
			case 7 -> Op.VSHL16;
			default -> Op.OTHER;
		};
	}

	private static int half(Insn insn, int op, int half) {
		insn.imm = half;
		return op;
	}

	/** Whether general registers and flags have nothing to do with it; see {@link Insn#vectorOnly}. */
	private static boolean vectorOnly(int opcode, int second, boolean memory) {
		return switch (opcode) {
			case 0x2a, 0x6e, 0x7e, 0xc3, 0xc4 -> memory && opcode != 0xc3; // MOVD and conversions of general registers
			case 0x2c, 0x2d, 0x2e, 0x2f, 0x50, 0xc5, 0xd7, 0xf7 -> false; // to general registers, flags, MASKMOV
			case 0x38 -> second != 0x17 && second < 0xf0; // PTEST, CRC32
			case 0x3a -> second < 0x14 || second >= 0x40 && second < 0x60; // extracts, inserts, PCMPxSTRx
			default -> true;
		};
	}

	private static Insn decode(Decoder d, int opcode, int prefix) {
		return switch (opcode) {
			case 0x10, 0x11, 0x12, 0x13, 0x16, 0x17 -> SseMoveInsns.low(d, opcode, prefix);
			case 0x14 -> floating(d, prefix, new SseShuffleInsns.UnpackLowSingles(),
					new SseIntegerInsns.UnpackLowQuadwords());
			case 0x15 -> floating(d, prefix, new SseShuffleInsns.UnpackHighSingles(),
					new SseIntegerInsns.UnpackHighQuadwords());
			case 0x28 -> prefix <= P66 ? SseMoveInsns.load(d, true) : null;
			case 0x29 -> prefix <= P66 ? SseMoveInsns.store(d, true) : null;
			case 0x2b -> prefix <= P66 && d.memory ? SseMoveInsns.store(d, true) : null;
			case 0x2e, 0x2f -> prefix > P66 ? null
					: prefix == NONE ? SseInsn.finish(d, new SseFloatInsns.CompareSingle(opcode == 0x2e), 4)
							: SseInsn.finish(d, new SseFloatInsns.CompareDouble(opcode == 0x2e), 8);
			case 0x2a, 0x2c, 0x2d, 0x5a, 0x5b, 0xe6 -> SseConvertInsns.decode(d, opcode, prefix);
			case 0x50 -> d.memory ? null
					: floating(d, prefix, new SseShuffleInsns.SingleSigns(), new SseShuffleInsns.DoubleSigns());
			case 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5c, 0x5d, 0x5e,
					0x5f -> SseFloatInsns.decode(d, opcode, prefix);
			case 0x7c, 0x7d -> horizontal(d, prefix, opcode == 0x7d);
			case 0xc2 -> SseFloatInsns.compare(d, prefix);
			case 0xc3 -> prefix == NONE && d.memory
					? SseInsn.finishStore(d, new SseMoveInsns.StoreGeneral(), d.rexW ? 8 : 4)
					: null;
			case 0xc6 -> switch (prefix) {
				case NONE -> SseInsn.finishByte(d, new SseShuffleInsns.Singles(), 16);
				case P66 -> SseInsn.finishByte(d, new SseShuffleInsns.Doubles(), 16);
				default -> null;
			};
			case 0xd0 -> switch (prefix) {
				case P66 -> SseInsn.finish(d, new SseFloatInsns.AddSubtractDouble(), 16);
				case PF2 -> SseInsn.finish(d, new SseFloatInsns.AddSubtractSingle(), 16);
				default -> null;
			};
			case 0xf0 -> prefix == PF2 && d.memory ? SseMoveInsns.load(d, false) : null;
			default -> integer(d, opcode, prefix);
		};
	}

	/** Instructions on whole registers without an immediate, of single and of double precision. */
	private static Insn floating(Decoder d, int prefix, SseInsn single, SseInsn twice) {
		return prefix > P66 ? null : SseInsn.finish(d, prefix == NONE ? single : twice, 16);
	}

	private static Insn horizontal(Decoder d, int prefix, boolean subtract) {
		return switch (prefix) {
			case P66 -> SseInsn.finish(d, new SseFloatInsns.HorizontalDouble(subtract), 16);
			case PF2 -> SseInsn.finish(d, new SseFloatInsns.HorizontalSingle(subtract), 16);
			default -> null;
		};
	}

	private static Insn integer(Decoder d, int opcode, int prefix) {
		return switch (prefix) {
			case NONE -> opcode == 0xd6 ? null : MmxInsns.decode(d, opcode);
			case P66 -> integer66(d, opcode);
			case PF3 -> switch (opcode) {
				case 0x6f -> SseMoveInsns.load(d, false);
				case 0x7f -> SseMoveInsns.store(d, false);
				case 0x70 -> SseInsn.finishByte(d, new SseShuffleInsns.HighWords(), 16);
				case 0x7e -> SseInsn.finish(d, new SseMoveInsns.LoadQuadword(), 8);
				case 0xd6 -> d.memory ? null : SseInsn.finish(d, new MmxInsns.ToXmm(), 0);
				default -> null;
			};
			default -> switch (opcode) {
				case 0x70 -> SseInsn.finishByte(d, new SseShuffleInsns.LowWords(), 16);
				case 0xd6 -> d.memory ? null : SseInsn.finish(d, new MmxInsns.FromXmm(), 0);
				default -> null;
			};
		};
	}

	private static Insn integer66(Decoder d, int opcode) {
		return switch (opcode) {
			case 0x6e -> SseInsn.finish(d, new SseMoveInsns.FromGeneral(), d.rexW ? 8 : 4);
			case 0x7e -> SseInsn.finishStore(d, new SseMoveInsns.ToGeneral(), d.rexW ? 8 : 4);
			case 0x6f -> SseMoveInsns.load(d, true);
			case 0x7f -> SseMoveInsns.store(d, true);
			case 0x70 -> SseInsn.finishByte(d, new SseShuffleInsns.Dwords(), 16);
			case 0x71, 0x72, 0x73 -> {
				SseInsn shift = SseIntegerInsns.shiftImmediate(opcode, d.regField & 7);
				yield d.memory || shift == null ? null : SseInsn.finishByte(d, shift, 0);
			}
			case 0xc4 -> SseInsn.finishByte(d, new SseShuffleInsns.Insert(), 2);
			case 0xc5 -> d.memory ? null : SseInsn.finishByte(d, new SseShuffleInsns.ExtractWord(), 0);
			case 0xd6 -> SseInsn.finishStore(d, new SseMoveInsns.StoreQuadword(), 8);
			case 0xd7 -> d.memory ? null : SseInsn.finish(d, new SseShuffleInsns.ByteSigns(), 0);
			case 0xe7 -> d.memory ? SseMoveInsns.store(d, true) : null;
			case 0xf7 -> d.memory ? null : SseMoveInsns.finishMasked(d, new SseMoveInsns.StoreMasked(), 16);
			default -> full(d, SseIntegerInsns.of(opcode));
		};
	}

	private static Insn full(Decoder d, SseInsn insn) {
		return insn == null ? null : SseInsn.finish(d, insn, 16);
	}

	// --- 0F 38

	private static Insn decode38(Decoder d, int opcode, int prefix) {
		d.modrm();
		if (prefix == NONE)
			return MmxInsns.decode38(d, opcode);
		// CRC32 is the one with F2; it takes 66 for a size
		if (prefix == PF2)
			return opcode == 0xf0 || opcode == 0xf1 ? Crc32Insn.decode(d, opcode) : null;
		if (prefix == PF3)
			return null;
		return switch (opcode) {
			case 0x00 -> full(d, new SseShuffleInsns.Bytes());
			case 0x10 -> full(d, new SseShuffleInsns.BlendVariable(8));
			case 0x14 -> full(d, new SseShuffleInsns.BlendVariable(32));
			case 0x15 -> full(d, new SseShuffleInsns.BlendVariable(64));
			case 0x17 -> full(d, new SseShuffleInsns.Test());
			case 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35 -> widen(d, opcode);
			case 0x2a -> d.memory ? SseMoveInsns.load(d, true) : null;
			case 0x41 -> full(d, new SseShuffleInsns.MinPosition());
			case 0xdb, 0xdc, 0xdd, 0xde, 0xdf -> full(d, AesInsns.of(opcode));
			default -> full(d, SseIntegerInsns.of38(opcode));
		};
	}

	private static Insn widen(Decoder d, int opcode) {
		int form = opcode & 7; // bytes to words, doublewords, quadwords; words; doublewords
		int from = form < 3 ? 1 : form < 5 ? 2 : 4;
		int to = form == 0 ? 2 : form == 1 || form == 3 ? 4 : 8;
		return SseInsn.finish(d, new SseShuffleInsns.Widen(from, to, opcode < 0x30), 16 / to * from);
	}

	// --- 0F 3A, where all have an immediate

	private static Insn decode3a(Decoder d, int opcode, int prefix) {
		d.modrm();
		if (prefix == NONE)
			return opcode == 0x0f ? MmxInsns.align(d) : null;
		if (prefix != P66)
			return null;
		return switch (opcode) {
			case 0x08, 0x09, 0x0a, 0x0b -> SseFloatInsns.round(d, opcode);
			case 0x0c -> SseInsn.finishByte(d, new SseShuffleInsns.BlendImmediate(32), 16);
			case 0x0d -> SseInsn.finishByte(d, new SseShuffleInsns.BlendImmediate(64), 16);
			case 0x0e -> SseInsn.finishByte(d, new SseShuffleInsns.BlendImmediate(16), 16);
			case 0x0f -> SseInsn.finishByte(d, new SseShuffleInsns.Align(), 16);
			case 0x14 -> SseInsn.finishByteStore(d, new SseShuffleInsns.Extract(), 1);
			case 0x15 -> SseInsn.finishByteStore(d, new SseShuffleInsns.Extract(), 2);
			case 0x16 -> SseInsn.finishByteStore(d, new SseShuffleInsns.Extract(), d.rexW ? 8 : 4);
			case 0x17 -> SseInsn.finishByteStore(d, new SseShuffleInsns.Extract(), 4);
			case 0x20 -> SseInsn.finishByte(d, new SseShuffleInsns.Insert(), 1);
			case 0x21 -> SseInsn.finishByte(d, new SseShuffleInsns.InsertSingle(), 4);
			case 0x22 -> SseInsn.finishByte(d, new SseShuffleInsns.Insert(), d.rexW ? 8 : 4);
			case 0x40 -> SseInsn.finishByte(d, new SseFloatInsns.DotSingle(), 16);
			case 0x41 -> SseInsn.finishByte(d, new SseFloatInsns.DotDouble(), 16);
			case 0x42 -> SseInsn.finishByte(d, new SseShuffleInsns.SumsOfDifferences(), 16);
			case 0x44 -> SseInsn.finishByte(d, new CarrylessMultiplyInsn(), 16);
			case 0x60, 0x61, 0x62, 0x63 -> SseStringInsns.decode(d, opcode);
			case 0xdf -> SseInsn.finishByte(d, new AesInsns.KeyGenAssist(), 16);
			default -> null;
		};
	}
}
