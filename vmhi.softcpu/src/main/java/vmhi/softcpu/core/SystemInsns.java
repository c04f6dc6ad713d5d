package vmhi.softcpu.core;

/**
 * Decodes the instructions of the system side: segments, tables, control registers, interrupts. Each family is a file;
 * here are those of segments and flags.
 */
final class SystemInsns {
	private SystemInsns() {}

	/** @param opcode of one byte, or 0x0f00 and the second. @return {@code null} where there is no such instruction */
	static Insn decode(Decoder d, int opcode) {
		boolean wide = d.codeBits == 64;
		return switch (opcode) {
			case 0x06, 0x0e, 0x16, 0x1e -> wide ? null : push(d, opcode >> 3);
			case 0x07, 0x17, 0x1f -> wide ? null : pop(d, opcode >> 3);
			case 0x0fa0, 0x0fa8 -> push(d, opcode >> 3 & 7);
			case 0x0fa1, 0x0fa9 -> pop(d, opcode >> 3 & 7);
			case 0x62 -> bound(d);
			case 0x63 -> arpl(d);
			case 0x8c -> storeSegment(d);
			case 0x8e -> loadSegment(d);
			case 0xc4 -> wide ? null : loadPointer(d, Cpu.ES);
			case 0xc5 -> wide ? null : loadPointer(d, Cpu.DS);
			case 0x0fb2, 0x0fb4, 0x0fb5 -> loadPointer(d, opcode & 7);
			case 0x9a, 0xea, 0xff, 0xca, 0xcb, 0xcf -> far(d, opcode);
			case 0xcc, 0xcd, 0xce, 0xf1 -> softInterrupt(d, opcode);
			case 0x9c -> SystemInsn.plain(d, d.stackSize, SystemInsns::pushFlags).onStack();
			case 0x9d -> SystemInsn.ending(d, d.stackSize, SystemInsns::popFlags).onStack();
			case 0xf4 -> SystemInsn.ending(d, 0, SystemInsns::halt);
			case 0xfa -> SystemInsn.plain(d, 0, (c, i) -> {
				mayMask(c);
				c.flags &= ~Flags.IF;
			});
			case 0xfb -> SystemInsn.ending(d, 0, SystemInsns::enableInterrupts);
			case 0x0f00 -> DescriptorInsns.group6(d);
			case 0x0f01 -> DescriptorInsns.group7(d);
			case 0x0f02, 0x0f03 -> DescriptorInsns.question(d, opcode == 0x0f02);
			case 0x0f05, 0x0f07, 0x0f34, 0x0f35 -> FastCallInsns.decode(d, opcode);
			case 0x0f06, 0x0f08, 0x0f09, 0x0f20, 0x0f21, 0x0f22, 0x0f23 -> ControlInsns.decode(d, opcode);
			case 0x0f30, 0x0f31, 0x0f32, 0x0f33, 0x0fa2 -> MsrInsns.decode(d, opcode);
			default -> null;
		};
	}

	/** RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE: the register forms of F3 0F AE, 0 to 3. */
	static Insn fsgsbase(Decoder d) {
		d.modrm();
		int operation = d.modrm >> 3 & 7;
		if (d.memory || operation > 3 || d.codeBits != 64)
			return null;
		int segment = Cpu.FS + (operation & 1);
		int size = d.rexW ? 8 : 4;
		if (operation < 2)
			return SystemInsn.plain(d, size, (c, i) -> {
				baseInstructions(c);
				c.reg(i.rm, i.size, c.base[segment]);
			});
		return SystemInsn.plain(d, size, (c, i) -> {
			baseInstructions(c);
			long value = c.reg(i.rm, i.size);
			if (!Segmentation.canonical(value))
				throw c.protection();
			c.base[segment] = value;
		});
	}

	private static void baseInstructions(Cpu c) {
		if ((c.cr4 & Cpu.CR4_FSGSBASE) == 0)
			throw c.undefined();
	}

	// --- segments

	/** Of 32 bits on the stack the upper half is left alone, as current processors do (SDM volume 2, PUSH). */
	private static Insn push(Decoder d, int segment) {
		return SystemInsn.plain(d, d.stackSize, (c, i) -> {
			StackFrame stack = c.segmentation.far.frame().current(0);
			stack.pushInto(i.size, i.size == 4 ? 2 : i.size, c.selector[segment]);
			stack.commit();
		});
	}

	private static Insn pop(Decoder d, int segment) {
		return SystemInsn.ending(d, d.stackSize, (c, i) -> {
			StackFrame stack = c.segmentation.far.frame().current(0);
			int selector = (int) stack.pop(2);
			stack.skip(i.size - 2);
			long pointer = stack.pointer;
			int width = c.stackBits / 8;
			c.segmentation.loadSegment(segment, selector);
			c.reg(Cpu.RSP, width, pointer);
			if (segment == Cpu.SS)
				c.interruptShadow = 1;
		});
	}

	private static Insn storeSegment(Decoder d) {
		d.modrm();
		int segment = d.modrm >> 3 & 7;
		if (segment > Cpu.GS)
			return null;
		return SystemInsn.plain(d, d.memory ? 2 : d.operandSize, (c, i) -> {
			if (i.memory)
				c.store16(i.address(c), c.selector[segment]);
			else
				c.reg(i.rm, i.size, c.selector[segment]);
		}).accessing(2, true);
	}

	private static Insn loadSegment(Decoder d) {
		d.modrm();
		int segment = d.modrm >> 3 & 7;
		if (segment > Cpu.GS || segment == Cpu.CS)
			return null;
		return SystemInsn.ending(d, 2, (c, i) -> {
			c.segmentation.loadSegment(segment, i.selectorOperand(c));
			if (segment == Cpu.SS)
				c.interruptShadow = 1;
		});
	}

	private static Insn loadPointer(Decoder d, int segment) {
		d.modrm();
		if (!d.memory)
			return null;
		int size = d.operandSize;
		return SystemInsn.ending(d, size, (c, i) -> {
			long offset = c.load(i.address(c), size);
			int selector = c.load16(i.address(c, size));
			c.segmentation.loadSegment(segment, selector);
			c.reg(i.reg, size, offset);
			// after LSS nothing is held back: it has loaded both (SDM volume 3, 6.8.3)
		}).accessing(size, false);
	}

	private static Insn bound(Decoder d) {
		if (d.codeBits == 64)
			return null;
		d.modrm();
		if (!d.memory)
			return null;
		return SystemInsn.plain(d, d.operandSize, (c, i) -> {
			long index = Insn.extend(c.r[i.reg], i.size);
			long lower = Insn.extend(c.load(i.address(c), i.size), i.size);
			long upper = Insn.extend(c.load(i.address(c, i.size), i.size), i.size);
			if (index < lower || index > upper)
				throw c.fault(Fault.BR);
		});
	}

	private static Insn arpl(Decoder d) {
		d.modrm();
		return SystemInsn.plain(d, 2, (c, i) -> {
			SystemInsn.protectedOnly(c);
			long address = i.memory ? i.address(c) : 0;
			int selector = i.memory ? (int) c.loadForStore(address, 2) : (int) c.r[i.rm] & 0xffff;
			int level = (int) c.r[i.reg] & 3;
			boolean lower = (selector & 3) < level;
			if (lower && i.memory)
				c.store16(address, selector & ~3 | level);
			else if (lower)
				c.r16(i.rm, selector & ~3 | level);
			SystemInsn.zero(c, lower);
		}).accessing(2, true);
	}

	// --- elsewhere

	private static Insn far(Decoder d, int opcode) {
		int size = d.operandSize;
		switch (opcode) {
			case 0x9a, 0xea -> {
				if (d.codeBits == 64)
					return null;
				long offset = size == 2 ? d.u16() : d.s32() & 0xffff_ffffL;
				int selector = d.u16();
				if (opcode == 0xea)
					return SystemInsn.jumping(d, size,
							(c, i) -> c.segmentation.far.jump(selector, i.imm, i.next)).with(offset);
				return SystemInsn.jumping(d, size,
						(c, i) -> c.segmentation.far.call(selector, i.imm, i.size, i.next)).with(offset);
			}
			case 0xff -> {
				return farThroughMemory(d, size);
			}
			case 0xca, 0xcb -> {
				int bytes = opcode == 0xca ? d.u16() : 0;
				return SystemInsn.jumping(d, size, (c, i) -> c.segmentation.far.ret(i.size, bytes));
			}
			default -> {
				return SystemInsn.jumping(d, size, (c, i) -> c.segmentation.far.iret(i.size, i.next));
			}
		}
	}

	private static Insn farThroughMemory(Decoder d, int size) {
		d.modrm();
		boolean call = (d.modrm >> 3 & 7) == 3;
		return SystemInsn.jumping(d, size, (c, i) -> {
			long offset = c.load(i.address(c), i.size);
			int selector = c.load16(i.address(c, i.size));
			if (call)
				c.segmentation.far.call(selector, offset, i.size, i.next);
			else
				c.segmentation.far.jump(selector, offset, i.next);
		});
	}

	private static Insn softInterrupt(Decoder d, int opcode) {
		return switch (opcode) {
			case 0xcc -> SystemInsn.jumping(d, 0, (c, i) -> c.delivery.softInterrupt(Fault.BP, i.next));
			case 0xf1 -> SystemInsn.jumping(d, 0, (c, i) -> c.delivery.softTrap(Fault.DB, i.next));
			case 0xce -> d.codeBits == 64 ? null : SystemInsn.jumping(d, 0, (c, i) -> {
				if (c.condition(0))
					c.delivery.softInterrupt(Fault.OF, i.next);
				else
					c.rip = i.next;
			});
			default -> {
				int vector = d.u8();
				yield SystemInsn.jumping(d, 0, (c, i) -> {
					if (c.virtual8086() && SystemInsn.ioPrivilege(c) < 3)
						throw c.protection();
					c.delivery.softInterrupt(vector, i.next);
				});
			}
		};
	}

	// --- flags

	private static void pushFlags(Cpu c, SystemInsn i) {
		if (c.virtual8086() && SystemInsn.ioPrivilege(c) < 3)
			throw c.protection();
		StackInsns.push(c, i.size, c.rflags() & ~(Flags.VM | Flags.RF));
	}

	private static void popFlags(Cpu c, SystemInsn i) {
		int privilege = SystemInsn.ioPrivilege(c);
		if (c.virtual8086() && privilege < 3)
			throw c.protection();
		long value = StackInsns.top(c, i.size);
		long mask = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT;
		if (i.size > 2)
			mask |= Flags.AC | Flags.ID;
		if (c.cpl <= privilege)
			mask |= Flags.IF;
		if (c.cpl == 0)
			mask |= Flags.IOPL;
		long keep = i.size > 2 ? c.rflags() & ~(mask | Flags.RF) : c.rflags() & ~mask;
		StackInsns.release(c, i.size);
		c.rflags(keep | value & mask);
	}

	/** Whether the program may set and clear IF. */
	private static void mayMask(Cpu c) {
		if (c.protectedMode() && c.cpl > SystemInsn.ioPrivilege(c))
			throw c.protection();
	}

	private static void enableInterrupts(Cpu c, SystemInsn i) {
		mayMask(c);
		if ((c.flags & Flags.IF) != 0)
			return;
		c.flags |= Flags.IF;
		c.interruptShadow = 2;
		c.attention = 1;
	}

	private static void halt(Cpu c, SystemInsn i) {
		SystemInsn.privileged(c);
		c.activity = Cpu.HALTED;
		c.attention = 1;
	}
}
