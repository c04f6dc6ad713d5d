package vmhi.guest.asm;

import java.util.List;
import java.util.Set;

/** A line, or a part of one, as parsed. */
sealed interface Statement {

	Location where();

	/** Does in a pass what the statement says. */
	void assemble(Pass pass) throws AssemblyException;

	record Label(Location where, String name) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			pass.define(name, pass.here());
		}
	}

	record Equ(Location where, String name, Expression value) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			pass.define(name, value.value(pass));
		}
	}

	record Org(Location where, Expression value) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			pass.origin(pass.number(value));
		}
	}

	/** {@code db} to {@code dq}: of so many bytes each. */
	record Data(Location where, int bytes, List<Item> items) implements Statement {

		/** {@code text} or, where that is null, {@code value}. */
		record Item(Expression value, byte[] text) {}

		@Override
		public void assemble(Pass pass) throws AssemblyException {
			for (Item item : items)
				if (item.text != null)
					pass.write(item.text, bytes);
				else
					pass.write(item.value, bytes);
		}
	}

	/** {@code resb} to {@code resq}: zeroes. */
	record Reserve(Location where, int bytes, Expression count) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			pass.writeZeroes(pass.count(count) * bytes);
		}
	}

	/** Fills up to a multiple of the boundary, counted from the beginning of the image. */
	record Align(Location where, Expression boundary, Statement fill) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			long to = pass.number(boundary);
			if (to <= 0 || Long.bitCount(to) != 1)
				throw where.error("%d is not a power of two", to);
			while (pass.size() % to != 0)
				fill.assemble(pass.next());
		}
	}

	record Times(Location where, Expression count, Statement statement) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			long times = pass.count(count);
			for (long i = 0; i < times; i++)
				statement.assemble(pass.next());
		}
	}

	/** @param forms those of the mnemonic */
	record Instruction(Location where, int mode, Set<Prefix> prefixes, String mnemonic, List<Form> forms,
			List<Operand> operands) implements Statement {
		@Override
		public void assemble(Pass pass) throws AssemblyException {
			pass.write(new Encoder(this, pass).encode(), 1);
		}
	}
}
