package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

import vmhi.softcpu.diff.Case.Approximation;

/**
 * A case being made: its code so far, its record, and which registers and flags may be used. All of it follows from
 * seed and index.
 */
final class CaseBuilder {
	static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
	private static final int DIRECTION = 0x400, ALIGNMENT_CHECK = 0x4_0000, ID = 0x20_0000;
	/** Precision control of the x87: extended mostly (SDM volume 1, 8.1.5.2). */
	private static final int[] PRECISIONS = { 0x300, 0x300, 0x200, 0 };
	/** Once there is so much code, no instruction is added. */
	private static final int FULL = 160;

	final long seed;
	final int index;
	final int slot;
	final boolean wide;
	final boolean safe;
	final boolean alignmentChecks;
	/** Whether AC may be set by now. */
	boolean aligns;
	final SplittableRandom random;
	final Values values;
	final ByteBuffer code = ByteBuffer.allocate(CODE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
	final ByteBuffer record = ByteBuffer.allocate(RECORD_SIZE).order(ByteOrder.LITTLE_ENDIAN);
	final List<String> names = new ArrayList<>();
	final Set<String> features = new HashSet<>();
	/** Registers that addresses are made of, a bit each: not to be written. */
	int frozen;
	/** Near register, base and index; -1 for none. */
	int near = -1, base = -1, scaled = -1;
	int scale;
	final boolean stack;
	int undefined, everUndefined;
	/** RCX if known, else -1. */
	long count;
	boolean ended;
	Approximation approximation = Approximation.NONE;
	int unspecifiedFrom, unspecifiedTo;

	/**
	 * @param safe nothing that faults on purpose
	 * @param alignmentChecks at times with AC
	 */
	CaseBuilder(long seed, int index, boolean wide, boolean safe, boolean alignmentChecks) {
		this.alignmentChecks = alignmentChecks;
		this.seed = seed;
		this.index = index;
		this.slot = index % MOST_CASES;
		this.wide = wide;
		this.safe = safe;
		random = Values.random(seed, index);
		values = new Values(random);
		stack = random.nextInt(3) == 0;
		fillState();
		fillScratch();
		choosePointers();
	}

	private void fillState() {
		for (int i = 0; i < 16; i++)
			record.putLong(IN_REGISTERS + 8 * i, values.integer());
		if (stack)
			initial(RSP, scratch(slot) + 256 + 128 + (chance(10) ? random.nextInt(8) : 0));
		else if (!wide)
			initial(RSP, register(RSP) & 0xffff_ffffL);
		int flags = random.nextInt() & Template.ARITHMETIC | CLEAN_FLAGS;
		flags |= chance(8) ? DIRECTION : 0;
		aligns = alignmentChecks && chance(100);
		flags |= aligns ? ALIGNMENT_CHECK : 0;
		flags |= chance(20) ? ID : 0;
		record.putLong(IN_FLAGS, flags);
		record.putLong(OUT_VECTOR, NO_FAULT);
		count = register(RCX);
		fillFpu(IN_FX);
	}

	/** An area as FXRSTOR takes it (SDM volume 1, 10.5.1). */
	void fillFpu(int at) {
		fillX87(at);
		int masks = safe || !chance(20) ? 0x1f80 : random.nextInt() & 0x1f80;
		int mxcsr = masks | random.nextInt() & 0x603f | (chance(8) ? 0x40 : 0) | (chance(8) ? 0x8000 : 0);
		record.putInt(at + 24, mxcsr);
		for (int i = 0; i < 16; i++)
			values.vector(record.position(at + 160 + 16 * i));
	}

	private void fillX87(int at) {
		int control = random.nextInt(4) << 10 | 0x40 | PRECISIONS[random.nextInt(4)];
		control |= safe || !chance(20) ? 0x3f : random.nextInt() & 0x3f;
		int status = random.nextInt() & 0x7f7f;
		if (safe || !chance(4))
			status &= ~0x3f;
		if ((status & ~control & 0x3f) != 0)
			status |= 0x8080;
		int tags = switch (random.nextInt(4)) {
			case 0 -> 0xff;
			case 1 -> 0;
			default -> random.nextInt(256);
		};
		record.putShort(at, (short) control).putShort(at + 2, (short) status).put(at + 4, (byte) tags);
		for (int i = 0; i < 8; i++)
			values.extended(record.position(at + 32 + 16 * i));
	}

	private void fillScratch() {
		record.position(SCRATCH);
		int kind = random.nextInt(12);
		for (int i = 0; i < SCRATCH_SIZE / 16; i++)
			switch (kind) {
				case 0 -> record.putLong(0x4141_4141_4141_4141L).putLong(0x4141_4141_4141_4141L);
				case 1 -> record.putLong(0).putLong(values.integer());
				case 2, 3 -> values.extended(record);
				case 4, 5 -> record.putInt(values.single()).putInt(values.single()).putLong(values.twice());
				case 6 -> record.putLong(values.twice()).putLong(values.twice());
				case 7, 8 -> record.putLong(values.integer()).putLong(values.integer());
				default -> values.vector(record);
			}
	}

	/** Mostly not registers that many instructions are tied to. */
	private void choosePointers() {
		if (stack)
			frozen |= 1 << RSP;
		if (chance(7))
			return;
		near = choosePointer();
		frozen |= 1 << near;
		initial(near, limit(scratch(slot) + random.nextInt(-100, 300)));
		if (!wide && chance(2))
			return;
		base = choosePointer();
		frozen |= 1 << base;
		scaled = choosePointer();
		frozen |= 1 << scaled;
		scale = random.nextInt(4);
		long value = limit(chance(2) ? values.integer() : random.nextInt(64));
		initial(scaled, value);
		initial(base, limit(scratch(slot) - (value << scale) + random.nextInt(-1000, 1000)));
	}

	private int choosePointer() {
		int register;
		do
			register = wide && random.nextInt(10) < 7 ? random.nextInt(8, 16) : random.nextInt(wide ? 16 : 8);
		while ((frozen >> register & 1) != 0 || register == RSP);
		return register;
	}

	private long limit(long value) {
		return wide ? value : value & 0xffff_ffffL;
	}

	/** True one time in so many. */
	boolean chance(int in) {
		return random.nextInt(in) == 0;
	}

	long register(int number) {
		return record.getLong(IN_REGISTERS + 8 * number);
	}

	private void initial(int number, long value) {
		record.putLong(IN_REGISTERS + 8 * number, value);
	}

	boolean isFrozen(int register) {
		return (frozen >> register & 1) != 0;
	}

	boolean isFull() {
		return ended || code.position() > FULL;
	}

	/** Puts a value into a register before the next instruction. */
	void prepare(int register, long value) {
		if (isFrozen(register))
			throw new IllegalStateException("register " + register + " is part of an address");
		if (code.position() == 0)
			initial(register, limit(value));
		else if (wide)
			bytes(0x48 | register >> 3, 0xb8 | register & 7).putLong(value);
		else
			bytes(0xb8 | register).putInt((int) value);
		if (register == RCX)
			count = value;
	}

	ByteBuffer bytes(int... bytes) {
		for (int each : bytes)
			code.put((byte) each);
		return code;
	}

	/** A register that may be written, not the stack pointer; -1 if there is none among those. */
	int free(int below) {
		int from = random.nextInt(below);
		for (int i = 0; i < below; i++) {
			int register = (from + i) % below;
			if (register != RSP && !isFrozen(register))
				return register;
		}
		return -1;
	}

	/** An instruction has been added that does this to flags. */
	void flags(int written, int undefinedNow) {
		undefined = undefined & ~written | undefinedNow;
		everUndefined |= undefinedNow;
	}

	Case build() {
		if (wide)
			bytes(0xe9).putInt(Harness.DONE - (code(slot) + code.position() + 4));
		else
			bytes(0xea).putInt(Harness.DONE).putShort((short) USER_CODE_64);
		int length = code.position();
		Arrays.fill(code.array(), length, CODE_SIZE, (byte) 0xcc);
		record.putLong(IN_TARGET, wide ? code(slot) : Harness.ENTER_32);
		record.putLong(IN_FAR, code(slot) | (long) USER_CODE_32 << 32);
		return new Case(seed, index, slot, wide, List.copyOf(names), Set.copyOf(features), code.array(), length,
				record.array(), undefined, everUndefined, approximation, unspecifiedFrom, unspecifiedTo);
	}
}
