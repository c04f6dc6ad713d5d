package vmhi.guest.asm;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A run over all statements. It begins with the labels as the run before left them: those that were not
 * passed yet are where they were then.
 */
final class Pass implements Expression.Scope {

	/** Nothing a guest needs is larger; an image that is, is a slip in a count. */
	private static final int LARGEST = 64 << 20;

	private final Map<String, Value> before;
	private final Map<String, Value> labels = new HashMap<>();
	private final ByteArrayOutputStream out = new ByteArrayOutputStream();
	private long origin;
	private Location where;
	private long here;

	private Pass(Map<String, Value> before) {
		this.before = before;
	}

	/** @param before null for the first pass, in which labels may be unknown */
	static Pass run(List<Statement> statements, Pass before) throws AssemblyException {
		Pass pass = new Pass(before == null ? null : before.labels);
		if (before != null)
			pass.origin = before.origin;
		for (Statement statement : statements) {
			pass.where = statement.where();
			statement.assemble(pass.next());
		}
		return pass;
	}

	/** Whether all labels are where they were in the pass before. */
	boolean isSettled() {
		return labels.equals(before);
	}

	byte[] bytes() {
		return out.toByteArray();
	}

	int size() {
		return out.size();
	}

	/** Says that what is written next is a statement of its own. */
	Pass next() {
		here = origin + out.size();
		return this;
	}

	void origin(long address) {
		origin = address;
	}

	void define(String name, Value value) throws AssemblyException {
		if (labels.putIfAbsent(name, value) != null)
			throw error("`%s' is defined already", name);
	}

	@Override
	public Value symbol(String name) throws AssemblyException {
		Value value = labels.get(name);
		if (value == null && before != null)
			value = before.get(name);
		if (value == null && before != null)
			throw error("`%s' is not defined", name);
		return value == null ? Value.UNKNOWN : value;
	}

	@Override
	public Value here() {
		return Value.address(here);
	}

	@Override
	public Value start() {
		return Value.address(origin);
	}

	@Override
	public AssemblyException error(String format, Object... args) {
		return where.error(format, args);
	}

	/** The value of an expression that decides how long the image is, and so cannot look ahead. */
	long number(Expression expression) throws AssemblyException {
		Value value = expression.value(this);
		if (!value.isNumber())
			throw error(value.known() ? "a number is needed here, not an address"
					: "a number is needed here that is known by now");
		return value.number();
	}

	/** How many times something is to be written. */
	long count(Expression expression) throws AssemblyException {
		long count = number(expression);
		if (count < 0 || count > LARGEST)
			throw error("%d times cannot be", count);
		return count;
	}

	/** Writes bytes, and zeroes up to a multiple of the unit. */
	void write(byte[] bytes, int unit) throws AssemblyException {
		makeRoom(bytes.length + unit);
		out.writeBytes(bytes);
		for (int length = bytes.length; length % unit != 0; length++)
			out.write(0);
	}

	void writeZeroes(long count) throws AssemblyException {
		makeRoom(count);
		out.writeBytes(new byte[(int) count]);
	}

	void write(Expression expression, int bytes) throws AssemblyException {
		Value value = expression.value(this).checked(this);
		if (value.known() && !value.fits(bytes))
			throw error("%#x does not fit %d bytes", value.number(), bytes);
		makeRoom(bytes);
		Encoder.writeNumber(value.number(), bytes, out);
	}

	private void makeRoom(long bytes) throws AssemblyException {
		if (bytes > LARGEST - out.size())
			throw error("the image is larger than %d bytes", LARGEST);
	}
}
