package vmhi.guest.asm;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import vmhi.guest.asm.Operand.Distance;
import vmhi.guest.asm.Register.Kind;

/**
 * What an operand of a form may be, as {@code instructions.txt} says it.
 *
 * @param bytes the size of the register, place or number; 0 where any does
 * @param role how the operand is written into the encoding
 */
record OperandType(Test test, int bytes, Role role, boolean sizeOptional) {

	/** Tells whether an operand is one of this type, leaving out the size of a place in memory. */
	interface Test {
		boolean fits(Operand operand, Context context) throws AssemblyException;
	}

	/** What a form can depend on besides its operands. */
	interface Context {

		Value value(Expression expression) throws AssemblyException;

		/** 16, 32 or 64. */
		int mode();

		/** Whether a jump of the form at hand would reach its target by a byte. */
		boolean isNear(Expression target) throws AssemblyException;
	}

	enum Role {
		/** In ModRM's reg field, or in the opcode. */
		REGISTER,
		/** In ModRM's r/m field. */
		PLACE,
		/** An address behind the opcode, without ModRM. */
		OFFSET,
		/** Behind the opcode. */
		NUMBER,
		/** Not at all, as the opcode implies it. */
		IMPLIED
	}

	private static final Pattern GENERAL = Pattern.compile("r(\\d+)(\\*|-0)?");
	private static final Pattern REGISTER_OR_MEMORY = Pattern.compile("r/m(\\d+)(!)?");
	private static final Pattern OFFSET = Pattern.compile("moffs(\\d+)");
	private static final Pattern MEMORY = Pattern.compile("m(\\d*)");
	private static final Pattern VECTOR = Pattern.compile("xmm(\\*|/m\\d+)?");
	private static final Pattern NUMBER = Pattern.compile("(word:)?(s?imm)(\\d+)([snu]|/(\\d+))?");

	static OperandType parse(String text) {
		Matcher matcher = GENERAL.matcher(text);
		if (matcher.matches())
			return general(bytes(matcher.group(1)), matcher.group(2));
		matcher = REGISTER_OR_MEMORY.matcher(text);
		if (matcher.matches()) {
			int bytes = bytes(matcher.group(1));
			return new OperandType((operand, context) -> isMemory(operand) || isGeneral(operand, bytes), bytes,
					Role.PLACE, matcher.group(2) != null);
		}
		matcher = OFFSET.matcher(text);
		if (matcher.matches())
			return new OperandType((operand, context) -> operand instanceof Operand.Memory memory
					&& memory.addressBytes() == 0, bytes(matcher.group(1)), Role.OFFSET, true);
		matcher = MEMORY.matcher(text);
		if (matcher.matches())
			return new OperandType((operand, context) -> isMemory(operand),
					matcher.group(1).isEmpty() ? 0 : bytes(matcher.group(1)), Role.PLACE, true);
		matcher = VECTOR.matcher(text);
		if (matcher.matches())
			return vector(matcher.group(1));
		matcher = NUMBER.matcher(text);
		if (matcher.matches())
			return number(matcher);
		return named(text);
	}

	/** Whether the sizes agree: the operand's, and of a place in memory, one that can be told. */
	boolean sizeFits(Operand operand, boolean toldByAnother) {
		if (!isMemory(operand) || bytes == 0)
			return true;
		return operand.bytes() == bytes || operand.bytes() == 0 && (sizeOptional || toldByAnother);
	}

	private static OperandType general(int bytes, String suffix) {
		boolean notZero = "-0".equals(suffix);
		return new OperandType((operand, context) -> isGeneral(operand, bytes)
				&& !(notZero && ((Operand.OfRegister) operand).register().number() == 0), bytes,
				"*".equals(suffix) ? Role.PLACE : Role.REGISTER, false);
	}

	private static OperandType vector(String suffix) {
		if (suffix == null || suffix.equals("*"))
			return new OperandType((operand, context) -> isOf(operand, Kind.XMM), 16,
					suffix == null ? Role.REGISTER : Role.PLACE, false);
		return new OperandType((operand, context) -> isMemory(operand) || isOf(operand, Kind.XMM),
				bytes(suffix.substring("/m".length())), Role.PLACE, true);
	}

	/** Tells whether a form has room for a value. */
	private interface Range {
		boolean holds(Value value);
	}

	private static OperandType number(Matcher matcher) {
		boolean wordWritten = matcher.group(1) != null;
		String suffix = matcher.group(4);
		int bytes = bytes(matcher.group(3));
		Range range = switch (suffix == null ? "" : suffix) {
			case "" -> value -> value.fits(bytes);
			case "s" -> value -> value.fitsSigned(bytes);
			case "n" -> value -> value.isNumber() && value.fitsSigned(bytes);
			case "u" -> value -> value.isNumber() && value.number() >>> bytes * Byte.SIZE == 0;
			default -> {
				int extended = bytes(matcher.group(5));
				yield value -> value.isSignedByteOf(extended);
			}
		};
		Test test = (operand, context) -> isNumber(operand, wordWritten)
				&& holds(range, operand, context);
		return new OperandType(test, bytes, Role.NUMBER, false);
	}

	/** A value that is not known yet is hoped to fit, as the next pass knows more. */
	private static boolean holds(Range range, Operand operand, Context context) throws AssemblyException {
		Value value = context.value(((Operand.Immediate) operand).value());
		return !value.known() || range.holds(value);
	}

	private static OperandType named(String text) {
		return switch (text) {
			case "1" -> new OperandType((operand, context) -> isNumber(operand, false)
					&& holds(Value.number(1)::equals, operand, context), 0, Role.IMPLIED, false);
			case "sreg" -> ofKind(Kind.SEGMENT);
			case "cr" -> ofKind(Kind.CONTROL);
			case "dr" -> ofKind(Kind.DEBUG);
			case "rel8" -> new OperandType(OperandType::isShortJump, 1, Role.NUMBER, false);
			case "rel" -> new OperandType((operand, context) -> operand instanceof Operand.Immediate target
					&& target.distance() != Distance.SHORT, 0, Role.NUMBER, false);
			case "far16" -> far(16);
			case "far32" -> far(32);
			default -> {
				Register register = Register.named(text);
				if (register == null)
					throw new IllegalArgumentException("operand type " + text);
				yield new OperandType((operand, context) -> operand instanceof Operand.OfRegister of
						&& of.register().equals(register), 0, Role.IMPLIED, false);
			}
		};
	}

	private static OperandType ofKind(Kind kind) {
		return new OperandType((operand, context) -> isOf(operand, kind), 0, Role.REGISTER, false);
	}

	private static OperandType far(int bits) {
		return new OperandType((operand, context) -> operand instanceof Operand.Far pointer
				&& (pointer.bytes() == bits / 8 || pointer.bytes() == 0 && context.mode() == bits), 0, Role.NUMBER,
				false);
	}

	private static boolean isShortJump(Operand operand, Context context) throws AssemblyException {
		return operand instanceof Operand.Immediate target && switch (target.distance()) {
			case SHORT -> true;
			case NEAR -> false;
			case ANY -> context.isNear(target.value());
		};
	}

	private static boolean isMemory(Operand operand) {
		return operand instanceof Operand.Memory;
	}

	private static boolean isNumber(Operand operand, boolean wordWritten) {
		return operand instanceof Operand.Immediate number && (!wordWritten || number.bytes() == 2);
	}

	private static boolean isOf(Operand operand, Kind kind) {
		return operand instanceof Operand.OfRegister of && of.register().kind() == kind;
	}

	private static boolean isGeneral(Operand operand, int bytes) {
		return operand instanceof Operand.OfRegister of && of.register().bytes() == bytes
				&& switch (of.register().kind()) {
					case GENERAL, HIGH, REX_BYTE -> true;
					default -> false;
				};
	}

	private static int bytes(String bits) {
		return Integer.parseInt(bits) / Byte.SIZE;
	}
}
