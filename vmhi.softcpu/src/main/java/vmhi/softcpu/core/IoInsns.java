package vmhi.softcpu.core;

/**
 * IN, OUT, INS and OUTS. The host answers. An instruction, or one element of a repeated one, is complete in all registers
 * but the destination of IN when the host is called: the call may end this thread ({@link vmhi.api.cpu.AbandonedRun}),
 * and another goes on behind it.
 */
final class IoInsns {
	/** Elements that a repeated instruction moves before others may be heard. */
	private static final int BATCH = 64;

	private IoInsns() {}

	static Insn decode(Decoder d, int opcode) {
		int size = (opcode & 1) == 0 ? 1 : Math.min(d.operandSize, 4);
		if (opcode < 0x70) {
			boolean in = (opcode & 2) == 0;
			Insn insn = d.finishRaw(in ? new StringIn() : new StringOut(), Op.OTHER, size);
			insn.segment = (byte) (in ? Cpu.ES : d.segmentOr(Cpu.DS));
			insn.lock = false;
			return insn;
		}
		int port = opcode < 0xe8 ? d.u8() : -1;
		Insn insn = d.finishRaw((opcode & 2) == 0 ? new In() : new Out(), Op.OTHER, size);
		insn.imm = port;
		insn.lock = false;
		return insn;
	}

	private abstract static class Port extends Insn {

		@Override
		public final boolean ends() {
			return true;
		}

		final int port(Cpu c, long number) {
			int port = (int) (number < 0 ? c.r[Cpu.RDX] : number) & 0xffff;
			boolean checked = c.protectedMode() && (c.virtual8086() || c.cpl > SystemInsn.ioPrivilege(c));
			if (checked && !c.segmentation.portsAllowed(port, size))
				throw c.protection();
			return port;
		}

		final long in(Cpu c, int port) {
			c.mmio.end();
			c.presence.leave();
			long value = c.machine.host.readPort(c.context, port, size);
			c.presence.enter();
			return zero(value, size);
		}

		final void out(Cpu c, int port, long value) {
			c.mmio.end();
			c.presence.leave();
			c.machine.host.writePort(c.context, port, size, value);
			c.presence.enter();
		}
	}

	private static final class In extends Port {
		@Override
		public void exec(Cpu c) {
			int port = port(c, imm);
			c.rip = next;
			long value = in(c, port);
			c.reg(Cpu.RAX, size, value);
		}
	}

	private static final class Out extends Port {
		@Override
		public void exec(Cpu c) {
			int port = port(c, imm);
			c.rip = next;
			out(c, port, c.reg(Cpu.RAX, size));
		}
	}

	/** INS and OUTS, of which each element is an access of its own. */
	private abstract static class StringPort extends Port {
		private final int pointer;

		StringPort(int pointer) {
			this.pointer = pointer;
		}

		abstract void element(Cpu c, int port, long offset, long count);

		@Override
		public final void exec(Cpu c) {
			int port = port(c, -1);
			int width = addressBits / 8;
			int most = (c.flags & Flags.TF) != 0 ? 1 : BATCH;
			for (int i = 0; i < most; i++) {
				long count = rep == 0 ? 1 : c.reg(Cpu.RCX, width);
				if (count == 0) {
					c.rip = next;
					return;
				}
				try {
					element(c, port, c.reg(pointer, width), count);
				} catch (Fault fault) {
					if (i == 0 || c.faultVector != Interpreter.AGAIN)
						throw fault;
					c.rip = rip; // what is done stays done, and others are heard before it goes on
					return;
				}
				if (c.rip == next || c.attention != 0)
					return;
			}
		}

		/** After the last access that can fault: registers and RIP as they are after this element. */
		final void advance(Cpu c, long offset, long count) {
			int width = addressBits / 8;
			long step = (c.flags & Flags.DF) != 0 ? -size : size;
			c.reg(pointer, width, offset + step);
			if (rep != 0)
				c.reg(Cpu.RCX, width, count - 1);
			c.rip = rep != 0 && count != 1 ? rip : next;
		}

		final long address(Cpu c, long offset, boolean write) {
			if (codeBits == 64)
				return segment >= Cpu.FS ? offset + c.base[segment] : offset;
			return c.segmentation.linear(segment, offset, size, write);
		}
	}

	private static final class StringIn extends StringPort {
		StringIn() {
			super(Cpu.RDI);
		}

		@Override
		void element(Cpu c, int port, long offset, long count) {
			long address = address(c, offset, true);
			c.paging.checkStore(address, size);
			advance(c, offset, count);
			long value = in(c, port);
			c.mmio.beginLast(); // the destination may be a device as well
			c.store(address, size, value);
			c.mmio.end();
		}
	}

	private static final class StringOut extends StringPort {
		StringOut() {
			super(Cpu.RSI);
		}

		@Override
		void element(Cpu c, int port, long offset, long count) {
			long value = c.load(address(c, offset, false), size);
			advance(c, offset, count);
			out(c, port, value);
		}
	}
}
