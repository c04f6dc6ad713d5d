package vmhi.guest.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import vmhi.guest.asm.OperandType.Context;
import vmhi.guest.asm.OperandType.Role;

/** One form of an instruction: which operands it takes, and how it is encoded. */
record Form(List<OperandType> types, List<Code> codes, Set<Integer> modes) {

	/** Tells whether the form takes these operands in this mode. */
	boolean takes(List<Operand> operands, Context context) throws AssemblyException {
		return fits(operands, context, false);
	}

	/** Tells the same, were only the sizes of places in memory written. */
	boolean wouldTake(List<Operand> operands, Context context) throws AssemblyException {
		return fits(operands, context, true);
	}

	private boolean fits(List<Operand> operands, Context context, boolean anySize) throws AssemblyException {
		if (operands.size() != types.size() || !modes.contains(context.mode()))
			return false;
		for (int i = 0; i < types.size(); i++)
			if (!types.get(i).test().fits(operands.get(i), context)
					|| !types.get(i).sizeFits(operands.get(i), anySize || sizeToldBeside(i)))
				return false;
		return true;
	}

	/** Whether another operand is a register of the same size. */
	private boolean sizeToldBeside(int place) {
		for (int i = 0; i < types.size(); i++)
			if (i != place && types.get(i).role() == Role.REGISTER && types.get(i).bytes() == types.get(place).bytes())
				return true;
		return false;
	}

	/** How many bytes a relative jump of this form takes. */
	int jumpLength(int mode) {
		int length = 0;
		for (Code code : codes)
			length += switch (code.kind()) {
				case OPCODE -> 1;
				case RELATIVE -> code.relativeBytes(mode);
				default -> 0;
			};
		return length;
	}

	/** The operands with a role, in their order. */
	List<Operand> inRole(Role role, List<Operand> operands) {
		List<Operand> found = new ArrayList<>();
		for (int i = 0; i < types.size(); i++)
			if (types.get(i).role() == role)
				found.add(operands.get(i));
		return found;
	}
}
