package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.CaseBuilder.*;
import static vmhi.softcpu.diff.Layout.*;
import static vmhi.softcpu.diff.Template.*;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import vmhi.softcpu.diff.Case.Approximation;

/**
 * Makes cases. The same seed, index and set of templates give the same case. Belongs to one thread.
 */
final class Generator {
	private static final Map<String, Integer> WEIGHTS = Map.ofEntries(Map.entry("alu", 150), Map.entry("mul", 50),
			Map.entry("shift", 110), Map.entry("move", 150), Map.entry("bits", 60), Map.entry("string", 70),
			Map.entry("control", 100), Map.entry("legacy", 80), Map.entry("x87", 150), Map.entry("mmx", 70),
			Map.entry("sse", 150), Map.entry("sse2", 90), Map.entry("sse4", 60), Map.entry("illegal", 6));
	private static final int MOST_INSTRUCTIONS = 4;
	private static final int TRAP = 0x100, DIRECTION = 0x400, NESTED = 0x4000, ALIGNMENT_CHECK = 0x4_0000,
			ID = 0x20_0000;

	/** One batch in so many is 32-bit code. Not within a batch: hypervisors that interpret it come back late. */
	private static final int NARROW = 16;

	private final Pool wide;
	private final Pool narrow;

	/** Templates of one mode by family. */
	private static final class Pool {
		final Map<String, List<Template>> families = new LinkedHashMap<>();
		int weight;

		void add(Template template) {
			families.computeIfAbsent(template.family, family -> {
				weight += WEIGHTS.get(family);
				return new ArrayList<>();
			}).add(template);
		}

		Template choose(CaseBuilder into) {
			int at = into.random.nextInt(weight);
			for (Map.Entry<String, List<Template>> family : families.entrySet()) {
				at -= WEIGHTS.get(family.getKey());
				if (at < 0)
					return family.getValue().get(into.random.nextInt(family.getValue().size()));
			}
			throw new IllegalStateException();
		}
	}

	private final boolean narrowAlignmentChecks;

	Generator(List<Template> wideTemplates, List<Template> narrowTemplates, boolean narrowAlignmentChecks) {
		this.narrowAlignmentChecks = narrowAlignmentChecks;
		wide = new Pool();
		narrow = new Pool();
		wideTemplates.forEach(wide::add);
		narrowTemplates.forEach(narrow::add);
	}

	Case make(long seed, int index) {
		boolean narrowCode = isNarrow(index);
		CaseBuilder into = new CaseBuilder(seed, index, !narrowCode, false, !narrowCode || narrowAlignmentChecks);
		Pool pool = into.wide ? wide : narrow;
		int instructions = 1 + into.random.nextInt(MOST_INSTRUCTIONS);
		for (int tries = 0; instructions > 0 && tries < 100 && !into.isFull(); tries++) {
			Template template = pool.choose(into);
			if (isPossible(into, template)) {
				add(into, template);
				instructions--;
			}
		}
		return into.build();
	}

	private boolean isNarrow(int index) {
		return narrow.weight > 0 && index / MOST_CASES % NARROW == NARROW - 1;
	}

	/** One instruction and nothing that faults on purpose. Returns {@code null} if this index cannot have it. */
	static Case single(Template template, boolean wide, long seed, int index) {
		CaseBuilder into = new CaseBuilder(seed, index, wide, true, false);
		if (!isPossible(into, template))
			return null;
		add(into, template);
		return into.build();
	}

	private static boolean isPossible(CaseBuilder into, Template template) {
		return (template.touches & into.frozen) == 0 && (!template.stack || into.stack)
				&& (template.reads & into.undefined) == 0 && (into.wide ? template.wide : template.narrow)
				&& !(into.aligns && mayAlign(template))
				&& (template.memoryBytes < SCRATCH_SIZE || !into.stack && into.code.position() == 0);
	}

	/** Vendors differ in what #AC is for, if an operand of 16 bytes need not be aligned (SDM volume 3, table 6-7). */
	private static boolean mayAlign(Template template) {
		return template.memoryBytes == 16 && !template.aligned || template.hook.equals("mask");
	}

	private static void add(CaseBuilder into, Template template) {
		into.names.add(template.family + "." + template.name);
		if (!template.feature.isEmpty())
			into.features.add(template.feature);
		if (template.family.equals("illegal")) {
			for (byte each : template.opcode)
				into.bytes(each);
			into.ended = true;
			return;
		}
		boolean knowsCount = into.code.position() == 0;
		into.count = knowsCount ? into.count : -1;
		Encoder encoder = new Encoder(into, template);
		if (!Composite.write(into, template))
			if (template.hook.equals("lea"))
				writeLea(into, encoder.size);
			else {
				prepare(into, template, encoder);
				encoder.encode();
			}
		into.count = -1;
		if (!template.hook.equals("shift") && !template.hook.equals("double"))
			into.flags(encoder.repeat != 0 ? 0 : template.writes, template.undefined);
		if (template.last) {
			into.ended = true;
			into.approximation = template.family.equals("x87") ? Approximation.TRANSCENDENTAL
					: Approximation.RECIPROCAL;
		}
	}

	private static void prepare(CaseBuilder into, Template template, Encoder encoder) {
		switch (template.hook) {
			case "div" -> prepareDivision(into, template, encoder.size);
			case "shift" -> prepareShift(into, template, encoder);
			case "double" -> prepareDoubleShift(into, template, encoder);
			case "bit" -> prepareBit(into, encoder);
			case "cmpxchg" -> prepareExchange(into, encoder, 1);
			case "cmpxchg8" -> prepareExchange(into, encoder, 2);
			case "string" -> prepareString(into, template, encoder);
			case "xlat" -> into.prepare(RBX, scratch(into.slot));
			case "mask" -> into.prepare(RDI, scratch(into.slot) + into.random.nextInt(240));
			case "moffs" -> encoder.offset = encoder.chooseTarget() != 0;
			case "segment" -> encoder.memory = into.chance(2);
			case "segmentLoad" -> prepareSegment(into, template, encoder);
			case "popf" -> into.bytes(0x68).putInt(flagsToPop(into));
			case "leave" -> into.prepare(RBP, stackMiddle(into));
			case "predicate" -> immediate(encoder, into.random.nextInt(8));
			case "rounding" -> immediate(encoder, into.random.nextInt(16));
			case "fldcw" -> prepareWord(into, encoder, 2,
					0x40 | random(into, 0xc00) | into.random.nextInt(2) << 9 | into.random.nextInt(2) << 8
							| (into.safe || !into.chance(10) ? 0x3f : random(into, 0x3f)));
			case "ldmxcsr" -> prepareWord(into, encoder, 4,
					random(into, 0xe07f) | (into.safe || !into.chance(10) ? 0x1f80 : random(into, 0x1f80)));
			case "environment" -> prepareEnvironment(into, encoder);
			case "fxsave" -> prepareSave(into, encoder);
			case "fxrstor" -> prepareRestore(into, encoder);
			default -> {
				if (template.name.equals("pcmpstr"))
					prepareLengths(into, template, encoder);
			}
		}
	}

	private static int random(CaseBuilder into, int bits) {
		return into.random.nextInt() & bits;
	}

	static long stackMiddle(CaseBuilder into) {
		return scratch(into.slot) + 256 + 64 + 8 * into.random.nextInt(16);
	}

	private static void immediate(Encoder encoder, long value) {
		encoder.immediate = value;
		encoder.immediateSet = true;
	}

	/** Mostly so that the quotient fits. */
	private static void prepareDivision(CaseBuilder into, Template template, int size) {
		boolean signed = template.name.equals("idiv");
		long value = into.values.integer();
		if (!into.safe && into.chance(16))
			return;
		if (size == 8) {
			into.prepare(RAX, value & ~0xffff | (signed ? (byte) value & 0xffff : value & 0xff));
			return;
		}
		into.prepare(RAX, value);
		long low = value << 64 - size >> 63;
		long small = into.chance(4) ? 1 : 0;
		into.prepare(RDX, signed ? low : small);
	}

	private static void prepareShift(CaseBuilder into, Template template, Encoder encoder) {
		boolean byImmediate = template.immediate == 'b';
		boolean byRegister = (template.touches & 1 << RCX) != 0;
		int amount = into.chance(3) ? into.random.nextInt(256) : into.random.nextInt(encoder.size + 4);
		if (byImmediate)
			immediate(encoder, amount);
		else if (byRegister && into.chance(2))
			into.prepare(RCX, into.random.nextLong() & ~0xff | amount);
		int known = byImmediate ? amount : !byRegister ? 1 : into.count == -1 ? -1 : (int) into.count & 0xff;
		flagsOfShift(into, template.modrm < 4, template.modrm, encoder.size, known);
	}

	private static void flagsOfShift(CaseBuilder into, boolean rotate, int operation, int size, int known) {
		int count = known < 0 ? -1 : known & (size == 64 ? 63 : 31);
		if (count == 0)
			return;
		int undefined = count == 1 ? 0 : OVERFLOW;
		if (!rotate)
			undefined |= ADJUST;
		// SHL and SHR by the width or more: CF (SDM volume 2, SAL/SAR/SHL/SHR, "Flags Affected")
		if ((operation == 4 || operation == 5) && size < 32 && (count < 0 || count >= size))
			undefined |= CARRY;
		int written = count < 0 ? 0 : rotate ? CARRY | OVERFLOW : ARITHMETIC;
		if (rotate && operation >= 2 && size < 32)
			written = 0; // RCL and RCR by a multiple of the width and one change nothing
		into.flags(written, undefined);
	}

	/** Counts over the width of 16 are left out: the result is undefined (SDM volume 2, SHLD). */
	private static void prepareDoubleShift(CaseBuilder into, Template template, Encoder encoder) {
		int count = into.random.nextInt(encoder.size + (encoder.size == 16 ? 1 : 8));
		if (template.immediate == 'b')
			immediate(encoder, count);
		else
			into.prepare(RCX, into.random.nextLong() & ~0xff | count);
		count &= encoder.size == 64 ? 63 : 31;
		if (count != 0)
			into.flags(ARITHMETIC, ADJUST | (count == 1 ? 0 : OVERFLOW));
	}

	/** A bit offset in a register reaches beyond the operand. */
	private static void prepareBit(CaseBuilder into, Encoder encoder) {
		int register = into.free(into.wide ? 16 : 8);
		if (register < 0)
			encoder.memory = false;
		if (!encoder.usesMemory())
			return;
		encoder.register = register;
		encoder.target = scratch(into.slot) + 64 + into.random.nextInt(120);
		long offset = into.random.nextInt(-512, 512);
		long mask = encoder.size == 64 ? -1 : (1L << encoder.size) - 1;
		into.prepare(register, offset & mask | into.random.nextLong() & ~mask);
	}

	private static void prepareExchange(CaseBuilder into, Encoder encoder, int parts) {
		if (!encoder.usesMemory())
			return;
		if (!into.safe && into.chance(50))
			return;
		int bytes = encoder.memoryBytes() / parts;
		int offset = (int) (encoder.chooseTarget() - scratch(into.slot));
		if (into.chance(2))
			return;
		long mask = bytes == 8 ? -1 : (1L << 8 * bytes) - 1;
		into.prepare(RAX, content(into, offset, bytes) | into.random.nextLong() & ~mask);
		if (parts == 2)
			into.prepare(RDX, content(into, offset + bytes, bytes));
	}

	private static long content(CaseBuilder into, int offset, int bytes) {
		long value = 0;
		for (int i = bytes; i-- > 0;)
			value = value << 8 | into.record.get(SCRATCH + offset + i) & 0xff;
		return value;
	}

	private static void prepareString(CaseBuilder into, Template template, Encoder encoder) {
		boolean compares = template.writes != 0;
		if ((template.touches & 1 << RSI) != 0)
			into.prepare(RSI, scratch(into.slot) + 72 + into.random.nextInt(112));
		if ((template.touches & 1 << RDI) != 0)
			into.prepare(RDI, scratch(into.slot) + 72 + into.random.nextInt(112));
		if (into.chance(3))
			return;
		encoder.repeat = compares && into.chance(2) ? 0xf2 : 0xf3;
		into.prepare(RCX, into.random.nextInt(9));
	}

	private static void prepareSegment(CaseBuilder into, Template template, Encoder encoder) {
		int register = into.free(into.wide ? 16 : 8);
		if (register < 0)
			register = RAX;
		int selector = USER_DATA;
		if (template.modrm != 2 && into.chance(3))
			selector = into.chance(2) && into.wide ? 0 : USER_DATA & ~3;
		if (!into.safe && into.chance(20))
			selector = into.chance(2) ? 0x18 : 0x30;
		if (!into.isFrozen(register))
			into.prepare(register, into.random.nextLong() & ~0xffff | selector);
		encoder.rmRegister = register;
	}

	private static int flagsToPop(CaseBuilder into) {
		int flags = random(into, ARITHMETIC) | 2;
		flags |= into.chance(8) ? DIRECTION : 0;
		flags |= into.chance(8) ? NESTED : 0;
		flags |= into.chance(8) ? ID : 0;
		flags |= into.chance(8) ? 0x3200 : 0; // IOPL and IF, which stay as they are
		if (!into.safe)
			flags |= into.chance(20) ? TRAP : 0;
		if (into.alignmentChecks && into.chance(20)) {
			flags |= ALIGNMENT_CHECK;
			into.aligns = true;
		}
		return flags;
	}

	/** Puts a value where the instruction will load it from: MOV to memory. */
	private static void prepareWord(CaseBuilder into, Encoder encoder, int bytes, int value) {
		long target = encoder.chooseTarget();
		encoder.absolute = true;
		if (bytes == 2)
			into.bytes(0x66);
		into.bytes(0xc7);
		if (into.wide)
			into.bytes(0x04, 0x25);
		else
			into.bytes(0x05);
		into.code.putInt((int) target);
		if (bytes == 2)
			into.code.putShort((short) value);
		else
			into.code.putInt(value);
	}

	/** Bytes 12 to 27 are pointers to the last instruction and operand (SDM volume 1, figure 8-9). */
	private static void prepareEnvironment(CaseBuilder into, Encoder encoder) {
		int offset = (int) (encoder.chooseTarget() - scratch(into.slot));
		into.unspecifiedFrom = SCRATCH + offset + 12;
		into.unspecifiedTo = SCRATCH + offset + 28;
		into.ended = true;
	}

	/** Bytes 6 to 23 are the same pointers, 28 to 31 are MXCSR_MASK (SDM volume 1, table 10-2). */
	private static void prepareSave(CaseBuilder into, Encoder encoder) {
		int offset = (int) (encoder.chooseTarget() - scratch(into.slot));
		into.unspecifiedFrom = SCRATCH + offset + 6;
		into.unspecifiedTo = SCRATCH + offset + 32;
		into.ended = true;
	}

	/** An image that can be loaded. */
	private static void prepareRestore(CaseBuilder into, Encoder encoder) {
		encoder.chooseTarget();
		into.fillFpu(SCRATCH);
	}

	private static void prepareLengths(CaseBuilder into, Template template, Encoder encoder) {
		immediate(encoder, into.random.nextInt(128));
		if ((template.touches & 1 << RAX) == 0 || into.chance(3))
			return;
		into.prepare(RAX, into.random.nextInt(-18, 18));
		into.prepare(RDX, into.random.nextInt(-18, 18));
	}

	/** Any address at all: none is used. */
	private static void writeLea(CaseBuilder into, int size) {
		int register;
		do
			register = into.random.nextInt(into.wide ? 16 : 8);
		while (into.isFrozen(register));
		boolean shortAddress = into.chance(6);
		int mod = into.random.nextInt(3);
		int rm = into.random.nextInt(8);
		if (size == 16)
			into.bytes(0x66);
		if (shortAddress)
			into.bytes(0x67);
		int rex = 0x40 | (size == 64 ? 8 : 0) | register >> 3 << 2 | into.random.nextInt(4);
		if (into.wide && (rex != 0x40 || into.chance(4)))
			into.bytes(rex);
		into.bytes(0x8d, mod << 6 | (register & 7) << 3 | rm);
		boolean words = shortAddress && !into.wide;
		int sib = into.random.nextInt(256);
		boolean hasSib = !words && rm == 4;
		if (hasSib)
			into.bytes(sib);
		int displacement = words ? new int[] { rm == 6 ? 2 : 0, 1, 2 }[mod]
				: new int[] { rm == 5 || hasSib && (sib & 7) == 5 ? 4 : 0, 1, 4 }[mod];
		long value = into.values.integer();
		for (int i = 0; i < displacement; i++)
			into.bytes((int) (value >> 8 * i));
	}
}
