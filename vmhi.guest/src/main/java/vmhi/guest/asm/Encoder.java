package vmhi.guest.asm;

import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.List;

import vmhi.guest.asm.Expression.Scope;
import vmhi.guest.asm.OperandType.Role;
import vmhi.guest.asm.Register.Kind;
import vmhi.guest.asm.Statement.Instruction;

/** Encodes one instruction, at one place in one pass. */
final class Encoder implements OperandType.Context {

	private static final int OPERAND_SIZE = 0x66;
	private static final int ADDRESS_SIZE = 0x67;

	private static final int REX = 0x40;
	private static final int REX_W = 8;
	private static final int REX_R = 4;
	private static final int REX_X = 2;
	private static final int REX_B = 1;

	private final Instruction instruction;
	private final Scope scope;
	private final ByteArrayOutputStream out = new ByteArrayOutputStream();
	private Form form;

	Encoder(Instruction instruction, Scope scope) {
		this.instruction = instruction;
		this.scope = scope;
	}

	@Override
	public Value value(Expression expression) throws AssemblyException {
		return expression.value(scope).checked(scope);
	}

	@Override
	public int mode() {
		return instruction.mode();
	}

	@Override
	public boolean isNear(Expression target) throws AssemblyException {
		Value value = value(target);
		if (!value.known())
			return true; // let us hope so; the next pass knows
		return value.isAddress() && fitsByte(distance(value));
	}

	byte[] encode() throws AssemblyException {
		form = chooseForm();
		List<Operand> operands = instruction.operands();
		List<Operand> registers = form.inRole(Role.REGISTER, operands);
		Register register = registers.isEmpty() ? null : ((Operand.OfRegister) registers.get(0)).register();
		List<Operand> places = form.inRole(Role.PLACE, operands);
		List<Operand> offsets = form.inRole(Role.OFFSET, operands);
		Operand place = !places.isEmpty() ? places.get(0) : !offsets.isEmpty() ? offsets.get(0) : null;
		EffectiveAddress address = place == null ? null : address(place);

		writePrefixes(place);
		for (Code code : form.codes())
			if (code.kind() == Code.Kind.PREFIX)
				out.write(code.value());
		writeRex(register, place, address);
		writeOpcode(register, address);
		return out.toByteArray();
	}

	private Form chooseForm() throws AssemblyException {
		List<Form> forms = instruction.forms();
		List<Operand> operands = instruction.operands();
		for (Form candidate : forms) {
			form = candidate;
			if (candidate.takes(operands, this))
				return candidate;
		}
		for (Form candidate : forms)
			if (candidate.wouldTake(operands, this))
				throw scope.error("how large is the operand in memory? write byte, word, dword or qword");
		for (Form candidate : forms)
			if (candidate.wouldTake(operands, new WithoutValues(mode())))
				throw scope.error("a number does not fit");
		throw scope.error("`%s' does not take these operands in %d-bit mode", instruction.mnemonic(), mode());
	}

	private EffectiveAddress address(Operand place) throws AssemblyException {
		if (!(place instanceof Operand.Memory memory))
			return EffectiveAddress.ofRegister(((Operand.OfRegister) place).register());
		Value displacement = value(memory.displacement());
		if (memory.relative() && mode() == 64 && displacement.isNumber())
			throw scope.error("[rel] takes an address, not a number; write [abs ...]");
		int bytes = memory.addressBytes();
		if (bytes == 8 != (mode() == 64) && (bytes == 8 || bytes == 2 && mode() == 64))
			throw scope.error("%s cannot be part of an address in %d-bit mode", memory.base() != null
					? memory.base().name()
					: memory.index().name(), mode());
		boolean wraps = bytes == 4 || bytes == 2 || mode() != 64;
		if (displacement.known() && !(wraps ? displacement.fits(4) : displacement.fitsSigned(4)))
			throw scope.error("%#x is too far away for an address", displacement.number());
		EffectiveAddress address = EffectiveAddress.of(memory, displacement, mode());
		if (address == null)
			throw scope.error("these registers cannot be combined to a 16-bit address");
		return address;
	}

	private void writePrefixes(Operand place) {
		boolean operandSize = false;
		boolean addressSize = false;
		for (Prefix prefix : Prefix.values())
			if (instruction.prefixes().contains(prefix))
				switch (prefix) {
					case O16 -> operandSize = mode() != 16;
					case O32 -> operandSize = mode() == 16;
					case A16 -> addressSize = mode() != 16;
					case A32 -> addressSize = mode() != 32;
					case O64, A64 -> {}
					default -> out.write(prefix.code());
				}
		if (place instanceof Operand.Memory memory) {
			if (memory.segment() != null)
				out.write(Prefix.override(memory.segment()));
			int bytes = memory.addressBytes();
			addressSize |= bytes != 0 && bytes * Byte.SIZE != mode();
		}
		for (Code code : form.codes())
			if (code.kind() == Code.Kind.OPERAND_SIZE && code.value() != 8)
				operandSize |= code.value() == 2 != (mode() == 16);
		if (operandSize)
			out.write(OPERAND_SIZE);
		if (addressSize)
			out.write(ADDRESS_SIZE);
	}

	private void writeRex(Register register, Operand place, EffectiveAddress address) throws AssemblyException {
		int rex = 0;
		if (instruction.prefixes().contains(Prefix.O64) || form.codes().contains(new Code(Code.Kind.OPERAND_SIZE, 8)))
			rex |= REX | REX_W;
		if (register != null && register.isExtended())
			rex |= REX | (registerIsBase() ? REX_B : REX_R);
		if (address != null && address.extendsBase())
			rex |= REX | REX_B;
		if (address != null && address.extendsIndex())
			rex |= REX | REX_X;
		if (hasByte(Kind.REX_BYTE))
			rex |= REX;
		if (form.codes().contains(new Code(Code.Kind.MODRM_TWICE, 0)) && register.isExtended())
			rex |= REX_B;
		if (rex == 0)
			return;
		if (mode() != 64)
			throw scope.error("there is no such register in %d-bit mode", mode());
		if (hasByte(Kind.HIGH))
			throw scope.error("AH, BH, CH and DH cannot stand beside a register of 64-bit mode");
		out.write(rex);
	}

	/** Whether the register operand goes where a base register would: the opcode. */
	private boolean registerIsBase() {
		return form.codes().stream().anyMatch(code -> code.kind() == Code.Kind.OPCODE_REGISTER);
	}

	private boolean hasByte(Kind kind) {
		return instruction.operands().stream()
				.anyMatch(operand -> operand instanceof Operand.OfRegister of && of.register().kind() == kind);
	}

	private void writeOpcode(Register register, EffectiveAddress address) throws AssemblyException {
		int tail = form.codes().stream().filter(code -> code.kind() == Code.Kind.NUMBER).mapToInt(Code::value).sum();
		Iterator<Operand> numbers = form.inRole(Role.NUMBER, instruction.operands()).iterator();
		for (Code code : form.codes())
			switch (code.kind()) {
				case OPERAND_SIZE, PREFIX -> {}
				case OPCODE -> out.write(code.value());
				case OPCODE_REGISTER -> out.write(code.value() + register.low());
				case MODRM -> writeAddress(address, register.low(), tail);
				case MODRM_DIGIT -> writeAddress(address, code.value(), tail);
				case MODRM_TWICE -> out.write(3 << 6 | register.low() << 3 | register.low());
				case NUMBER -> {
					Operand.Immediate number = (Operand.Immediate) numbers.next();
					writeNumber(value(number.value()).number(), code.value(), out);
				}
				case OFFSET -> writeNumber(address.displacement().number(), address.displacementBytes(), out);
				case RELATIVE -> writeDistance((Operand.Immediate) numbers.next(), code.relativeBytes(mode()));
				case FAR -> writeFar((Operand.Far) numbers.next(), code.value());
			}
	}

	private void writeAddress(EffectiveAddress address, int reg, int tail) {
		long end = scope.here().number() + out.size() + address.length() + tail;
		address.write(reg, end, out);
	}

	private void writeDistance(Operand.Immediate target, int bytes) throws AssemblyException {
		Value value = value(target.value());
		long distance = distance(value);
		if (bytes == 1 && value.known() && !fitsByte(distance))
			throw scope.error("%d bytes are too far for a short jump", distance);
		writeNumber(distance, bytes, out);
	}

	private void writeFar(Operand.Far pointer, int bytes) throws AssemblyException {
		Value offset = value(pointer.offset());
		Value selector = value(pointer.selector());
		if (offset.known() && !offset.fits(bytes) || selector.known() && !selector.fits(2))
			throw scope.error("a number does not fit");
		writeNumber(offset.number(), bytes, out);
		writeNumber(selector.number(), 2, out);
	}

	/** From the end of a jump to its target. */
	private long distance(Value target) {
		return target.number() - (scope.here().number() + form.jumpLength(mode()));
	}

	private static boolean fitsByte(long distance) {
		return distance == (byte) distance;
	}

	static void writeNumber(long number, int bytes, ByteArrayOutputStream out) {
		for (int i = 0; i < bytes; i++)
			out.write((int) (number >>> i * Byte.SIZE));
	}

	/** Finds the form that would fit, if it were not for the values. */
	private record WithoutValues(int mode) implements OperandType.Context {

		@Override
		public Value value(Expression expression) {
			return Value.UNKNOWN;
		}

		@Override
		public boolean isNear(Expression target) {
			return true;
		}
	}
}
