package vmhi.softcpu.core;

import static vmhi.softcpu.core.Memory.UNSAFE;

/**
 * Turns the bytes of one instruction into an {@link Insn}: prefixes, opcode maps, ModRM (SDM volume 2, chapter 2 and
 * appendix A). What is not an instruction becomes one that raises #UD. Belongs to one thread.
 */
@SuppressWarnings("removal")
public final class Decoder {
	/** Longest instruction there is; what is longer raises #GP (SDM volume 2, 2.3.11). */
	private static final int LONGEST = 15;

	/** Thrown when there are bytes left to read but no page they could come from. */
	static final class EndOfPage extends RuntimeException {
		private static final long serialVersionUID = 1L;
		static final EndOfPage INSTANCE = new EndOfPage();

		private EndOfPage() {
			super(null, null, false, false);
		}
	}

	private static final class TooLong extends RuntimeException {
		private static final long serialVersionUID = 1L;
		static final TooLong INSTANCE = new TooLong();

		private TooLong() {
			super(null, null, false, false);
		}
	}

	/** Where the page of the instruction is in the host, or 0 where it is not RAM; and the page after it, or -1. */
	private long page, nextPage;
	/** Where in the page to read next; from 4096 on, in the next page. */
	private int position;
	private int start;
	private boolean crossed;

	// prefixes
	public int codeBits;
	public boolean rex, rexW, operandPrefix, addressPrefix, lock;
	public int rexR, rexX, rexB;
	/** The last of F2 and F3, or 0. */
	public int rep;
	private int segmentPrefix;
	/** Size of an operand by mode and prefixes: 2, 4 or 8; and the same where 64-bit mode has 8 by default. */
	public int operandSize, stackSize;
	public int addressBits;

	// ModRM
	/** The byte itself, or -1 if there is none. */
	public int modrm;
	/** The reg and r/m fields with their REX bits. */
	public int regField, rmField;
	public boolean memory;
	private int base, index, scale, segment;
	private long disp;
	private boolean ripRelative;

	private long rip;

	/**
	 * Decodes one instruction.
	 *
	 * @param rip its offset in the code segment
	 * @param offset its offset in the page
	 * @param page address in the host of its page, or 0 where that is not RAM
	 * @param nextPage the same for the page after it; -1 if it is not known
	 * @throws EndOfPage if it goes on in the next page and that is not known
	 */
	public Insn decode(int codeBits, long rip, int offset, long page, long nextPage) {
		this.codeBits = codeBits;
		this.rip = rip;
		this.page = page;
		this.nextPage = nextPage;
		start = position = offset;
		crossed = false;
		rex = rexW = operandPrefix = addressPrefix = lock = ripRelative = memory = false;
		rexR = rexX = rexB = rep = 0;
		segmentPrefix = -1;
		modrm = -1;
		base = index = Cpu.ZERO;
		scale = 0;
		disp = 0;
		segment = Cpu.DS;
		Insn insn;
		try {
			insn = opcode();
			if (lock && !lockable(insn))
				insn = undefined();
		} catch (TooLong e) {
			insn = finish(new BranchInsns.Raise(Fault.GP), Op.OTHER, 0);
		}
		return insn;
	}

	/** Whether the last instruction decoded lies in two pages. */
	boolean crossed() {
		return crossed;
	}

	private static boolean lockable(Insn insn) {
		return insn.memory && insn.lock;
	}

	// --- bytes

	public int u8() {
		if (position - start >= LONGEST)
			throw TooLong.INSTANCE;
		long from = page;
		int at = position;
		if (at >= 4096) {
			if (nextPage == -1)
				throw EndOfPage.INSTANCE;
			crossed = true;
			from = nextPage;
			at -= 4096;
		}
		position++;
		return from == 0 ? 0xff : UNSAFE.getByte(from + at) & 0xff;
	}

	public int s8() {
		return (byte) u8();
	}

	public int u16() {
		int low = u8();
		return low | u8() << 8;
	}

	public int s32() {
		int low = u16();
		return low | u16() << 16;
	}

	public long s64() {
		long low = s32() & 0xffff_ffffL;
		return low | (long) s32() << 32;
	}

	/** An immediate of the operand's size, of 4 bytes sign-extended where that is 8. */
	public long immediate(int size) {
		return switch (size) {
			case 1 -> s8();
			case 2 -> (short) u16();
			default -> s32();
		};
	}

	// --- prefixes and opcode

	private Insn opcode() {
		int byte0;
		while (true) {
			byte0 = u8();
			switch (byte0) {
				case 0x26, 0x2e, 0x36, 0x3e -> {
					if (codeBits != 64)
						segmentPrefix = byte0 >> 3 & 3;
				}
				case 0x64, 0x65 -> segmentPrefix = byte0 - 0x64 + Cpu.FS;
				case 0x66 -> operandPrefix = true;
				case 0x67 -> addressPrefix = true;
				case 0xf0 -> lock = true;
				case 0xf2, 0xf3 -> rep = byte0;
				default -> {
					if (codeBits != 64 || (byte0 & 0xf0) != 0x40) {
						sizes();
						return map1(byte0);
					}
					// counts only directly before the opcode
					int next = peek();
					if (!isPrefix(next)) {
						rex = true;
						rexW = (byte0 & 8) != 0;
						rexR = byte0 << 1 & 8;
						rexX = byte0 << 2 & 8;
						rexB = byte0 << 3 & 8;
						sizes();
						return map1(u8());
					}
				}
			}
		}
	}

	private int peek() {
		int before = position;
		int value = u8();
		position = before;
		return value;
	}

	private static boolean isPrefix(int value) {
		return switch (value) {
			case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
			default -> (value & 0xf0) == 0x40;
		};
	}

	private void sizes() {
		if (codeBits == 64) {
			operandSize = rexW ? 8 : operandPrefix ? 2 : 4;
			stackSize = operandPrefix && !rexW ? 2 : 8;
			addressBits = addressPrefix ? 32 : 64;
		} else {
			boolean wide = codeBits == 32 != operandPrefix;
			operandSize = stackSize = wide ? 4 : 2;
			addressBits = codeBits == 32 != addressPrefix ? 32 : 16;
		}
	}

	/** Fetches ModRM with all that belongs to it. */
	public void modrm() {
		if (modrm >= 0)
			return;
		modrm = u8();
		regField = modrm >> 3 & 7 | rexR;
		rmField = modrm & 7 | rexB;
		int mod = modrm >> 6;
		if (mod == 3)
			return;
		memory = true;
		if (addressBits == 16)
			address16(mod);
		else
			address32(mod);
		if (segmentPrefix >= 0)
			segment = segmentPrefix;
	}

	private void address16(int mod) {
		switch (modrm & 7) {
			case 0 -> registers(Cpu.RBX, Cpu.RSI);
			case 1 -> registers(Cpu.RBX, Cpu.RDI);
			case 2 -> registers(Cpu.RBP, Cpu.RSI);
			case 3 -> registers(Cpu.RBP, Cpu.RDI);
			case 4 -> base = Cpu.RSI;
			case 5 -> base = Cpu.RDI;
			case 6 -> {
				if (mod != 0)
					base = Cpu.RBP;
			}
			default -> base = Cpu.RBX;
		}
		if (base == Cpu.RBP)
			segment = Cpu.SS;
		if (mod == 2 || mod == 0 && (modrm & 7) == 6)
			disp = (short) u16();
		else if (mod == 1)
			disp = s8();
	}

	private void registers(int first, int second) {
		base = first;
		index = second;
	}

	private void address32(int mod) {
		int low = modrm & 7;
		if (low == 4) {
			int sib = u8();
			scale = sib >> 6;
			index = sib >> 3 & 7 | rexX;
			if (index == Cpu.RSP)
				index = Cpu.ZERO;
			base = sib & 7 | rexB;
			if ((sib & 7) == 5 && mod == 0) {
				base = Cpu.ZERO;
				disp = s32();
			}
		} else if (low == 5 && mod == 0) {
			disp = s32();
			ripRelative = codeBits == 64;
		} else {
			base = rmField;
		}
		if (base == Cpu.RSP || base == Cpu.RBP)
			segment = Cpu.SS;
		if (mod == 1)
			disp = s8();
		else if (mod == 2)
			disp = s32();
	}

	/** The segment of a memory operand that has no ModRM. */
	int segmentOr(int usual) {
		return segmentPrefix >= 0 ? segmentPrefix : usual;
	}

	// --- making instructions

	/** Puts into an instruction what all have. After all bytes were read. Registers are general ones of {@code size}. */
	public <T extends Insn> T finish(T insn, int op, int size) {
		finishRaw(insn, op, size);
		if (size == 1) {
			insn.reg = (byte) byteRegister(insn.reg);
			insn.rm = (byte) byteRegister(insn.rm);
		}
		return insn;
	}

	/** The same, with the numbers of the registers as they are, for XMM, MMX, control and segment registers. */
	public <T extends Insn> T finishRaw(T insn, int op, int size) {
		insn.op = (short) op;
		insn.rip = rip;
		insn.next = rip + position - start;
		if (codeBits != 64)
			insn.next &= 0xffff_ffffL;
		insn.size = (short) size;
		insn.accessSize = (short) size;
		insn.codeBits = (byte) codeBits;
		insn.addressBits = (byte) addressBits;
		insn.lock = lock;
		insn.rep = (short) rep;
		insn.segment = (byte) segment;
		if (modrm >= 0) {
			insn.reg = (byte) regField;
			insn.rm = (byte) rmField;
			insn.memory = memory;
		}
		if (memory)
			address(insn);
		return insn;
	}

	private void address(Insn insn) {
		insn.base = (byte) base;
		insn.index = (byte) index;
		insn.scale = (byte) scale;
		insn.disp = disp;
		if (ripRelative)
			insn.disp += insn.next;
		boolean plain = codeBits == 64 && addressBits == 64 && segment < Cpu.FS;
		if (!plain)
			insn.addressing = Insn.OTHER;
		else if (index != Cpu.ZERO)
			insn.addressing = Insn.INDEXED;
		else if (base != Cpu.ZERO)
			insn.addressing = Insn.BASE;
		else
			insn.addressing = Insn.CONSTANT;
	}

	/** Without REX, byte registers 4 to 7 are AH CH DH BH. */
	int byteRegister(int number) {
		return !rex && number >= 4 && number < 8 ? number + 12 : number;
	}

	/** One that raises #UD. */
	public Insn undefined() {
		return finish(new BranchInsns.Raise(Fault.UD), Op.OTHER, 0);
	}

	/** {@code insn}, or one that raises #UD where that is {@code null}. */
	private Insn orUndefined(Insn insn) {
		return insn == null ? undefined() : insn;
	}

	/** An operation whose memory operand is written. LOCK is allowed where it says so. */
	private <T extends Insn> T finishWriting(T insn, int op, int size, boolean lockable) {
		finish(insn, op, size);
		insn.writes = true;
		if (!lockable)
			insn.lock = false;
		return insn;
	}

	// --- the one-byte map

	private Insn map1(int opcode) {
		if (opcode < 0x40 && (opcode & 7) < 6)
			return arithmetic(opcode);
		return switch (opcode) {
			case 0x0f -> map2(u8());
			case 0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x62, 0x8c, 0x8e, 0x9a, 0x9c, 0x9d, 0xc4, 0xc5, 0xca, 0xcb,
					0xcc, 0xcd, 0xce, 0xcf, 0xea, 0xf1, 0xf4, 0xfa,
					0xfb -> orUndefined(SystemInsns.decode(this, opcode));
			case 0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef -> IoInsns.decode(this, opcode);
			case 0x27, 0x2f, 0x37, 0x3f, 0xd4, 0xd5, 0xd6 -> orUndefined(DecimalInsns.decode(this, opcode));
			case 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47 -> incDecShort(opcode, Op.INC);
			case 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f -> incDecShort(opcode, Op.DEC);
			case 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57 -> pushShort(opcode);
			case 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f -> popShort(opcode);
			case 0x60 -> codeBits == 64 ? undefined() : finish(new StackInsns.PushAll(), Op.OTHER, operandSize);
			case 0x61 -> codeBits == 64 ? undefined() : finish(new StackInsns.PopAll(), Op.OTHER, operandSize);
			case 0x63 -> codeBits == 64 ? movsxd() : orUndefined(SystemInsns.decode(this, opcode));
			case 0x68 -> pushImmediate(immediate(operandSize == 2 ? 2 : 4));
			case 0x6a -> pushImmediate(s8());
			case 0x69, 0x6b -> {
				modrm();
				long value = opcode == 0x6b ? s8() : immediate(operandSize);
				Insn insn = finish(new ArithmeticInsns.ImulImmediate(), Op.IMUL_IMM, operandSize);
				insn.imm = value;
				yield insn;
			}
			case 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e,
					0x7f -> conditional(opcode & 15, s8());
			case 0x80, 0x81, 0x83 -> group1(opcode);
			case 0x82 -> codeBits == 64 ? undefined() : group1(opcode);
			case 0x84, 0x85 -> {
				modrm();
				yield finish(new ArithmeticInsns.Test(), Op.TEST, sizeOf(opcode));
			}
			case 0x86, 0x87 -> {
				modrm();
				Insn insn = finishWriting(new MoveInsns.Exchange(), Op.XCHG, sizeOf(opcode), true);
				yield insn;
			}
			case 0x88, 0x89 -> moveStore(opcode);
			case 0x8a, 0x8b -> moveLoad(opcode);
			case 0x8d -> {
				modrm();
				yield memory ? finish(new MoveInsns.Lea(), Op.LEA, operandSize) : undefined();
			}
			case 0x8f -> popRm();
			case 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97 -> exchangeAccumulator(opcode);
			case 0x98 -> finish(new MoveInsns.ExtendAccumulator(), Op.EXTEND_AX, operandSize);
			case 0x99 -> finish(new MoveInsns.ExtendIntoData(), Op.EXTEND_DX, operandSize);
			case 0x9b -> X87Insns.wait(this);
			case 0x9e, 0x9f -> finish(new MoveInsns.FlagsByte(opcode == 0x9e), Op.OTHER, 1);
			case 0xa0, 0xa1, 0xa2, 0xa3 -> moveOffset(opcode);
			case 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf -> StringInsns.decode(this, opcode);
			case 0xa8, 0xa9 -> {
				int size = sizeOf(opcode);
				long value = immediate(size);
				Insn insn = finish(new ArithmeticInsns.TestImmediate(), Op.TEST, size);
				insn.imm = value;
				insn.rm = Cpu.RAX;
				yield insn;
			}
			case 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7 -> {
				int value = s8();
				Insn insn = finish(new MoveInsns.Immediate(), Op.MOV_IMM, 1);
				insn.rm = (byte) byteRegister(opcode & 7 | rexB);
				insn.imm = value;
				yield insn;
			}
			case 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf -> {
				long value = operandSize == 8 ? s64() : immediate(operandSize);
				Insn insn = finish(new MoveInsns.Immediate(), Op.MOV_IMM, operandSize);
				insn.rm = (byte) (opcode & 7 | rexB);
				insn.imm = value;
				yield insn;
			}
			case 0xc0, 0xc1, 0xd0, 0xd1, 0xd2, 0xd3 -> shift(opcode);
			case 0xc2 -> ret(u16());
			case 0xc3 -> ret(0);
			case 0xc6, 0xc7 -> {
				modrm();
				if ((regField & 7) != 0)
					yield undefined();
				int size = sizeOf(opcode);
				long value = immediate(size);
				Insn insn = finishWriting(new MoveInsns.Immediate(), Op.MOV_IMM, size, false);
				insn.imm = value;
				yield insn;
			}
			case 0xc8 -> {
				int bytes = u16();
				int level = u8() & 31;
				Insn insn = finish(new StackInsns.Enter(level), Op.OTHER, stackSize);
				insn.imm = bytes;
				insn.segment = Cpu.SS;
				yield insn;
			}
			case 0xc9 -> {
				Insn insn = finish(new StackInsns.Leave(), Op.LEAVE, stackSize);
				insn.segment = Cpu.SS;
				yield insn;
			}
			case 0xd7 -> {
				Insn insn = finish(new MoveInsns.Translate(), Op.OTHER, 1);
				insn.segment = (byte) segmentOr(Cpu.DS);
				yield insn;
			}
			case 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf -> X87Insns.decode(this, opcode);
			case 0xe0, 0xe1, 0xe2, 0xe3 -> {
				long target = target(s8(), branchSize());
				Insn insn = finish(new BranchInsns.Loop(opcode & 3, branchSize()), Op.OTHER, branchSize());
				insn.imm = target;
				yield insn;
			}
			case 0xe8 -> {
				long target = target(branchOffset(), branchSize());
				Insn insn = finish(new BranchInsns.Call(), Op.CALL, branchSize());
				insn.imm = target;
				insn.segment = Cpu.SS;
				yield insn;
			}
			case 0xe9 -> jump(branchOffset());
			case 0xeb -> jump(s8());
			case 0xf5, 0xf8, 0xf9, 0xfc, 0xfd -> finish(new MoveInsns.FlagBit(opcode), Op.OTHER, 0);
			case 0xf6, 0xf7 -> group3(opcode);
			case 0xfe, 0xff -> group5(opcode);
			default -> undefined();
		};
	}

	/** 1 for an even opcode, otherwise the size by mode and prefixes. */
	int sizeOf(int opcode) {
		return (opcode & 1) == 0 ? 1 : operandSize;
	}

	private Insn arithmetic(int opcode) {
		int operation = (opcode >> 3) + 1;
		int size = sizeOf(opcode);
		if ((opcode & 4) != 0) {
			long value = immediate(size);
			Insn insn = finish(new ArithmeticInsns.RmImmediate(operation), operation, size);
			insn.imm = value;
			insn.rm = Cpu.RAX;
			return insn;
		}
		modrm();
		if ((opcode & 2) != 0)
			return finish(ArithmeticInsns.registerFrom(operation, size, memory), operation, size);
		return finishArithmetic(ArithmeticInsns.rmFrom(operation, size, memory), operation, size);
	}

	private Insn finishArithmetic(Insn insn, int operation, int size) {
		if (operation == Op.CMP)
			return finishReading(insn, operation, size);
		return lock ? finishWriting(new ArithmeticInsns.LockedRmRegister(operation), operation, size, true)
				: finishWriting(insn, operation, size, true);
	}

	/** An operation that only reads; LOCK is not allowed. */
	private <T extends Insn> T finishReading(T insn, int op, int size) {
		finish(insn, op, size);
		insn.lock = false;
		return insn;
	}

	private Insn group1(int opcode) {
		modrm();
		int operation = (regField & 7) + 1;
		int size = sizeOf(opcode);
		long value = opcode == 0x81 ? immediate(size) : s8();
		Insn insn;
		if (operation == Op.CMP)
			insn = finishReading(new ArithmeticInsns.RmImmediate(operation), operation, size);
		else
			insn = finishWriting(lock ? new ArithmeticInsns.LockedRmImmediate(operation)
					: new ArithmeticInsns.RmImmediate(operation), operation, size, true);
		insn.imm = value;
		return insn;
	}

	private Insn incDecShort(int opcode, int op) {
		Insn insn = finish(new ArithmeticInsns.IncDec(op == Op.DEC), op, operandSize);
		insn.rm = (byte) (opcode & 7);
		return insn;
	}

	private Insn pushShort(int opcode) {
		Insn insn = finish(new StackInsns.Push(), Op.PUSH, stackSize);
		insn.rm = (byte) (opcode & 7 | rexB);
		insn.segment = Cpu.SS;
		return insn;
	}

	private Insn popShort(int opcode) {
		Insn insn = finish(new StackInsns.Pop(), Op.POP, stackSize);
		insn.rm = (byte) (opcode & 7 | rexB);
		insn.segment = Cpu.SS;
		return insn;
	}

	private Insn popRm() {
		modrm();
		if ((regField & 7) != 0)
			return undefined();
		return finishWriting(new StackInsns.Pop(), Op.POP, stackSize, false);
	}

	private Insn pushImmediate(long value) {
		Insn insn = finish(new StackInsns.PushImmediate(), Op.PUSH_IMM, stackSize);
		insn.imm = value;
		insn.segment = Cpu.SS;
		return insn;
	}

	private Insn movsxd() {
		modrm();
		Insn insn = finish(new MoveInsns.Extend(Math.min(operandSize, 4), true), Op.MOVSX, operandSize);
		insn.imm = Math.min(operandSize, 4);
		insn.accessSize = (short) insn.imm;
		return insn;
	}

	private Insn moveStore(int opcode) {
		modrm();
		int size = sizeOf(opcode);
		return finishWriting(MoveInsns.store(size, memory), Op.MOV_STORE, size, false);
	}

	private Insn moveLoad(int opcode) {
		modrm();
		int size = sizeOf(opcode);
		return finishReading(MoveInsns.load(size, memory), Op.MOV_LOAD, size);
	}

	/** MOV between the accumulator and an address that is given in full. */
	private Insn moveOffset(int opcode) {
		disp = switch (addressBits) {
			case 64 -> s64();
			case 32 -> s32() & 0xffff_ffffL;
			default -> u16();
		};
		segment = segmentOr(Cpu.DS);
		memory = true;
		int size = sizeOf(opcode);
		Insn insn;
		if ((opcode & 2) == 0)
			insn = finishReading(MoveInsns.load(size, true), Op.MOV_LOAD, size);
		else
			insn = finishWriting(MoveInsns.store(size, true), Op.MOV_STORE, size, false);
		insn.memory = true;
		return insn;
	}

	private Insn exchangeAccumulator(int opcode) {
		int other = opcode & 7 | rexB;
		if (other == 0) // with F3 PAUSE
			return finish(rep == 0xf3 ? new BranchInsns.Pause() : new BranchInsns.Nop(),
					rep == 0xf3 ? Op.PAUSE : Op.NOP,
					0);
		Insn insn = finish(new MoveInsns.Exchange(), Op.XCHG, operandSize);
		insn.rm = (byte) other;
		insn.reg = Cpu.RAX;
		return insn;
	}

	private Insn shift(int opcode) {
		modrm();
		int size = sizeOf(opcode);
		int operation = regField & 7;
		if (operation == 6) // an alias of SHL
			operation = 4;
		long count = opcode < 0xd0 ? u8() : opcode < 0xd2 ? 1 : -1;
		Insn insn = finishWriting(new ShiftInsns.Shift(operation), Op.ROL + operation, size, false);
		insn.imm = count;
		return insn;
	}

	// --- branches

	/** In 64-bit mode near branches have 64 bits whatever the prefixes say, as Intel's processors have it. */
	private int branchSize() {
		return codeBits == 64 ? 8 : operandSize;
	}

	private long branchOffset() {
		return branchSize() == 2 ? (short) u16() : s32();
	}

	/** Where a relative branch goes. After all bytes were read. */
	private long target(long offset, int size) {
		long target = rip + position - start + offset;
		return size == 8 ? target : target & (size == 4 ? 0xffff_ffffL : 0xffff);
	}

	private Insn conditional(int condition, long offset) {
		long target = target(offset, branchSize());
		Insn insn = finish(new BranchInsns.Conditional(), Op.JCC, branchSize());
		insn.imm = target;
		insn.reg = (byte) condition;
		return insn;
	}

	private Insn jump(long offset) {
		long target = target(offset, branchSize());
		Insn insn = finish(new BranchInsns.Jump(), Op.JMP, branchSize());
		insn.imm = target;
		return insn;
	}

	private Insn ret(int bytes) {
		Insn insn = finish(new BranchInsns.Return(), Op.RET, branchSize());
		insn.imm = bytes;
		insn.segment = Cpu.SS;
		return insn;
	}

	// --- groups

	private Insn group3(int opcode) {
		modrm();
		int size = sizeOf(opcode);
		switch (regField & 7) {
			case 0, 1 -> {
				long value = immediate(size);
				Insn insn = finishReading(new ArithmeticInsns.TestImmediate(), Op.TEST, size);
				insn.imm = value;
				return insn;
			}
			case 2 -> {
				return finishWriting(lock ? new ArithmeticInsns.LockedUnary(Op.NOT) : new ArithmeticInsns.Not(), Op.NOT,
						size, true);
			}
			case 3 -> {
				return finishWriting(lock ? new ArithmeticInsns.LockedUnary(Op.NEG) : new ArithmeticInsns.Neg(), Op.NEG,
						size, true);
			}
			case 4 -> {
				return finishReading(new ArithmeticInsns.Multiply(false), Op.MUL_WIDE, size);
			}
			case 5 -> {
				return finishReading(new ArithmeticInsns.Multiply(true), Op.IMUL_WIDE, size);
			}
			case 6 -> {
				return finishReading(new ArithmeticInsns.Divide(), Op.OTHER, size);
			}
			default -> {
				return finishReading(new ArithmeticInsns.DivideSigned(), Op.OTHER, size);
			}
		}
	}

	private Insn group5(int opcode) {
		modrm();
		int size = sizeOf(opcode);
		int operation = regField & 7;
		if (operation < 2) {
			int op = operation == 0 ? Op.INC : Op.DEC;
			return finishWriting(lock ? new ArithmeticInsns.LockedUnary(op)
					: new ArithmeticInsns.IncDec(op == Op.DEC), op, size, true);
		}
		if (opcode == 0xfe)
			return undefined();
		return switch (operation) {
			case 2 -> {
				Insn insn = finishReading(new BranchInsns.CallIndirect(), Op.CALL_INDIRECT, branchSize());
				yield insn;
			}
			case 4 -> finishReading(new BranchInsns.JumpIndirect(), Op.JMP_INDIRECT, branchSize());
			case 6 -> finishReading(new StackInsns.Push(), Op.PUSH, stackSize);
			case 3, 5 -> memory ? orUndefined(SystemInsns.decode(this, 0xff)) : undefined();
			default -> undefined();
		};
	}

	// --- the two-byte map

	private Insn map2(int opcode) {
		return switch (opcode) {
			case 0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0x33,
					0x34, 0x35, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xb2, 0xb4,
					0xb5 -> orUndefined(SystemInsns.decode(this, 0x0f00 | opcode));
			case 0x0d, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f -> {
				modrm();
				yield finishReading(new BranchInsns.Nop(), Op.NOP, operandSize);
			}
			case 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f -> {
				modrm();
				Insn insn = finishReading(new MoveInsns.ConditionalMove(), Op.CMOV, operandSize);
				insn.imm = opcode & 15;
				yield insn;
			}
			case 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e,
					0x8f -> conditional(opcode & 15, branchOffset());
			case 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f -> {
				modrm();
				Insn insn = finishWriting(new MoveInsns.SetCondition(), Op.SETCC, 1, false);
				insn.imm = opcode & 15;
				yield insn;
			}
			case 0xa3, 0xab, 0xb3, 0xbb -> bitTest(opcode >> 3 & 3, -1);
			case 0xba -> {
				modrm();
				int operation = regField & 7;
				yield operation < 4 ? undefinedAfterByte() : bitTest(operation & 3, u8());
			}
			case 0xa4, 0xa5, 0xac, 0xad -> {
				modrm();
				long count = (opcode & 1) == 0 ? u8() : -1;
				Insn insn = finishWriting(new ShiftInsns.DoubleShift(opcode >= 0xac), Op.OTHER, operandSize, false);
				insn.imm = count;
				yield insn;
			}
			case 0xaf -> {
				modrm();
				yield finishReading(new ArithmeticInsns.Imul(), Op.IMUL, operandSize);
			}
			case 0xb0, 0xb1 -> {
				modrm();
				yield finishWriting(new AtomicInsns.CompareExchange(), Op.CMPXCHG, sizeOf(opcode), true);
			}
			case 0xb6, 0xb7, 0xbe, 0xbf -> extend(opcode);
			case 0xb8 -> {
				if (rep != 0xf3)
					yield undefined();
				modrm();
				yield finishReading(new BitInsns.PopulationCount(), Op.OTHER, operandSize);
			}
			case 0xb9, 0xff -> { // UD1 and UD0, which have a ModRM
				modrm();
				yield undefined();
			}
			case 0xbc, 0xbd -> {
				modrm();
				yield finishReading(new BitInsns.Scan(opcode == 0xbd), opcode == 0xbd ? Op.BSR : Op.BSF, operandSize);
			}
			case 0xc0, 0xc1 -> {
				modrm();
				yield finishWriting(new AtomicInsns.ExchangeAdd(), Op.XADD, sizeOf(opcode), true);
			}
			case 0xc7 -> {
				modrm();
				if (memory && (regField & 7) == 1)
					yield finishWriting(new AtomicInsns.CompareExchangePair(rexW ? 8 : 4), Op.OTHER, rexW ? 16 : 8,
							true);
				yield orUndefined(ExtendedStateInsns.decode(this, opcode));
			}
			case 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf -> {
				Insn insn = finish(new MoveInsns.ByteSwap(), Op.BSWAP, operandSize);
				insn.rm = (byte) (opcode & 7 | rexB);
				yield insn;
			}
			case 0xae -> orUndefined(ExtendedStateInsns.decode(this, opcode));
			case 0x0b, 0x04, 0x0a, 0x0c, 0x0e, 0x0f, 0x24, 0x25, 0x26, 0x27, 0x36, 0x37, 0xa6, 0xa7,
					0xaa -> undefined();
			default -> orUndefined(SseInsns.decode(this, opcode));
		};
	}

	private Insn undefinedAfterByte() {
		u8();
		return undefined();
	}

	private Insn bitTest(int operation, int number) {
		modrm();
		Insn insn = new BitInsns.BitTest(operation);
		if (operation == 0)
			finishReading(insn, Op.BT, operandSize);
		else
			finishWriting(insn, Op.OTHER, operandSize, true);
		insn.imm = number;
		return insn;
	}

	private Insn extend(int opcode) {
		modrm();
		int from = (opcode & 1) == 0 ? 1 : 2;
		boolean signed = opcode >= 0xbe;
		Insn insn = finishReading(new MoveInsns.Extend(from, signed), signed ? Op.MOVSX : Op.MOVZX, operandSize);
		insn.imm = from;
		insn.accessSize = (short) from;
		if (from == 1)
			insn.rm = (byte) byteRegister(insn.rm);
		return insn;
	}
}
