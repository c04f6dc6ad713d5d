package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.CaseBuilder.*;

/** Instructions that need others around them: jumps and what they jump to, calls and returns, frames. */
final class Composite {

	private Composite() {}

	/** Writes it, unless it is none of those. */
	static boolean write(CaseBuilder into, Template template) {
		switch (template.hook) {
			case "jump" -> jump(into, template.opcode);
			case "loop" -> loop(into, template);
			case "call", "retImmediate" -> call(into, template.hook.equals("call") ? -1 : 8 * into.random.nextInt(3));
			case "callRegister" -> callRegister(into);
			case "jumpRegister" -> jumpRegister(into);
			case "retFar" -> returnFar(into);
			case "enter" -> enter(into);
			default -> {
				return false;
			}
		}
		return true;
	}

	/** Two bytes that leave a trace if they are executed. */
	private static void trace(CaseBuilder into) {
		int register = into.free(4);
		if (register < 0)
			into.bytes(0x66, 0x90);
		else
			into.bytes(0xb0 | register, into.random.nextInt());
	}

	private static void jump(CaseBuilder into, byte[] opcode) {
		for (byte each : opcode)
			into.bytes(each);
		boolean near = opcode.length == 1 && opcode[0] != (byte) 0xe9;
		if (near)
			into.bytes(2);
		else
			into.code.putInt(2);
		trace(into);
	}

	/** Forward, or to itself until the count or the flag ends it. */
	private static void loop(CaseBuilder into, Template template) {
		boolean itself = template.opcode[0] != (byte) 0xe3 && into.chance(2);
		long count = into.random.nextInt(itself ? 1 : 0, 6);
		boolean shortCount = into.wide && into.chance(4);
		into.prepare(RCX, shortCount ? count | into.random.nextLong() << 32 : count);
		if (shortCount)
			into.bytes(0x67);
		into.bytes(template.opcode[0]);
		if (itself)
			into.bytes(shortCount ? -3 : -2);
		else {
			into.bytes(2);
			trace(into);
		}
	}

	/** What a call goes to and comes back from: a trace, a jump over the return, the return. */
	private static void callee(CaseBuilder into, int popped) {
		trace(into);
		into.bytes(0xeb, popped < 0 ? 1 : 3);
		if (popped < 0)
			into.bytes(0xc3);
		else
			into.bytes(0xc2, popped, 0);
	}

	private static void call(CaseBuilder into, int popped) {
		into.bytes(0xe8).putInt(4);
		callee(into, popped);
	}

	/** LEA of what comes so many bytes later, into a register with these low bits in an instruction to follow. */
	private static int pointAhead(CaseBuilder into, int bytes) {
		int register = into.free(16);
		into.bytes(0x48 | register >> 3 << 2, 0x8d, 0x05 | (register & 7) << 3).putInt(bytes);
		return register;
	}

	private static void callRegister(CaseBuilder into) {
		int register = pointAhead(into, 3 + 4);
		into.bytes(0x40 | register >> 3, 0xff, 0xd0 | register & 7);
		callee(into, -1);
	}

	private static void jumpRegister(CaseBuilder into) {
		int register = pointAhead(into, 3 + 2);
		into.bytes(0x40 | register >> 3, 0xff, 0xe0 | register & 7);
		trace(into);
	}

	/** To the same code segment. */
	private static void returnFar(CaseBuilder into) {
		into.bytes(0x6a, Layout.USER_CODE_64);
		int register = pointAhead(into, 2 + 2 + 2);
		into.bytes(0x40 | register >> 3, 0x50 | register & 7, 0x48, 0xcb);
		trace(into);
	}

	/** Nested levels read frame pointers, so there has to be a frame. */
	private static void enter(CaseBuilder into) {
		int level = into.chance(3) ? into.random.nextInt(1, 4) : 0;
		if (level > 0)
			into.prepare(RBP, Generator.stackMiddle(into));
		if (into.chance(6))
			into.bytes(0x66);
		into.bytes(0xc8).putShort((short) into.random.nextInt(40));
		into.bytes(level);
	}
}
