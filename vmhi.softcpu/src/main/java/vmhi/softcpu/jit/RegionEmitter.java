package vmhi.softcpu.jit;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Type;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Fault;
import vmhi.softcpu.core.Insn;

/**
 * Writes the class of a region: one method with all of its blocks. Within a block the guest's registers and flags are
 * local variables of it; they are at home in the {@link Cpu} where a block ends, before an instruction that is executed
 * by its object, and where something may fault ({@link Locals}).
 */
final class RegionEmitter {
	static final String CPU = Type.getInternalName(Cpu.class);
	static final String SUPPORT = Type.getInternalName(Support.class);
	private static final String INSN = Type.getInternalName(Insn.class);
	private static final String FAULT = Type.getInternalName(Fault.class);
	static final String REGION = Type.getInternalName(Region.class);
	static final String NAME = REGION + "Code";

	private final Selection selection;
	private final boolean ordered;
	private final List<Insn> executed = new ArrayList<>();
	private final List<Insn> faulting = new ArrayList<>();
	private final Label[] labels;
	private final Map<Long, Label> exits = new LinkedHashMap<>();
	private final Label leave = new Label(), indirect = new Label();
	/** Whether something goes to {@link #indirect}. */
	private boolean anywhere;
	private Locals locals, m;
	private InsnEmitter insns;
	private int bytes;
	/** Where the block being written stands among the others. */
	private int at;

	/** @param ordered whether other vCPUs may look on */
	RegionEmitter(Selection selection, boolean ordered) {
		this.ordered = ordered;
		this.selection = selection;
		labels = new Label[selection.blocks().size()];
		Arrays.setAll(labels, i -> new Label());
	}

	Insn[] executed() {
		return executed.toArray(Insn[]::new);
	}

	Insn[] faulting() {
		return faulting.toArray(Insn[]::new);
	}

	int exitCount() {
		return exits.size();
	}

	/** Bytes of the method. */
	int methodBytes() {
		return bytes;
	}

	byte[] emit() {
		ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
		writer.visit(V17, ACC_FINAL | ACC_SUPER, NAME, null, REGION, null);
		MethodVisitor constructor = writer.visitMethod(0, "<init>", "()V", null, null);
		constructor.visitCode();
		constructor.visitVarInsn(ALOAD, 0);
		constructor.visitMethodInsn(INVOKESPECIAL, REGION, "<init>", "()V", false);
		constructor.visitInsn(RETURN);
		constructor.visitMaxs(0, 0);
		constructor.visitEnd();

		m = locals = new Locals(writer.visitMethod(ACC_PUBLIC | ACC_FINAL, "run", "(L" + CPU + ";I)V", null, null),
				!ordered);
		m.visitCode();
		insns = new InsnEmitter(m, locals, this, ordered);
		run();
		m.visitMaxs(0, 0);
		m.visitEnd();
		constants(writer);
		writer.visitEnd();
		return writer.toByteArray();
	}

	private static String field(int number) {
		return "i" + number;
	}

	/** The instructions that are executed are constants of the class: so the JVM knows which method it calls. */
	private void constants(ClassWriter writer) {
		if (executed.isEmpty() && ordered)
			return;
		MethodVisitor begin = writer.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
		begin.visitCode();
		if (!ordered) {
			writer.visitField(ACC_STATIC | ACC_FINAL, "r", "[J", null, null).visitEnd();
			begin.visitMethodInsn(INVOKESTATIC, REGION, "registers", "()[J", false);
			begin.visitFieldInsn(PUTSTATIC, NAME, "r", "[J");
		}
		begin.visitMethodInsn(INVOKESTATIC, REGION, "constants", "()[L" + INSN + ";", false);
		begin.visitVarInsn(ASTORE, 0);
		for (int i = 0; i < executed.size(); i++) {
			writer.visitField(ACC_STATIC | ACC_FINAL, field(i), "L" + INSN + ";", null, null).visitEnd();
			begin.visitVarInsn(ALOAD, 0);
			begin.visitIntInsn(SIPUSH, i);
			begin.visitInsn(AALOAD);
			begin.visitFieldInsn(PUTSTATIC, NAME, field(i), "L" + INSN + ";");
		}
		begin.visitInsn(RETURN);
		begin.visitMaxs(0, 0);
		begin.visitEnd();
	}

	private void run() {
		Label entered = new Label();
		m.visitVarInsn(ILOAD, Locals.ENTRY);
		m.visitJumpInsn(IFGE, entered);
		m.visitInsn(RETURN);
		m.visitLabel(entered);
		m.visitFrame(F_NEW, 3, new Object[] { NAME, CPU, INTEGER }, 0, null);
		locals.enter(selection.pages().several());
		Label start = new Label(), end = new Label(), handler = new Label();
		m.visitTryCatchBlock(start, end, handler, FAULT);
		enter(0, labels.length);
		m.visitLabel(start);
		for (at = 0; at < labels.length; at++)
			block();
		m.visitLabel(end);
		find();
		exits();
		handle(handler);
		Label last = new Label();
		m.visitLabel(last);
		bytes = last.getOffset();
	}

	/** Jumps to the block whose number is in {@link Locals#ENTRY}: by halves, since C1 tries the cases of a switch in turn. */
	private void enter(int from, int to) {
		if (to - from == 1) {
			m.visitJumpInsn(GOTO, labels[from]);
			return;
		}
		int middle = (from + to) / 2;
		Label upper = new Label();
		m.visitVarInsn(ILOAD, Locals.ENTRY);
		push(middle);
		m.visitJumpInsn(IF_ICMPGE, middle + 1 == to ? labels[middle] : upper);
		enter(from, middle);
		if (middle + 1 < to) {
			m.visitLabel(upper);
			locals.frame();
			enter(middle, to);
		}
	}

	private void block() {
		locals.begin(labels[at]);
		insns.begin();
		Insn[] all = selection.insns().get(at);
		for (int i = 0; i < all.length; i++)
			insns.emit(all, i);
		Insn last = all[all.length - 1];
		if (!last.ends()) {
			insns.end();
			go(last.next);
		}
	}

	/** Goes on at an address: within the region if it is there. */
	void go(long rip) {
		locals.sync();
		Integer to = selection.byRip().get(rip);
		if (to == null) {
			m.visitJumpInsn(GOTO, exit(rip));
			return;
		}
		long needs = needs(to);
		if (needs != 0) {
			m.visitVarInsn(LLOAD, Locals.MAPPED);
			m.visitLdcInsn(needs);
			m.visitInsn(LAND);
			m.visitLdcInsn(needs);
			m.visitInsn(LCMP);
			m.visitJumpInsn(IFNE, exit(rip));
		}
		if (to <= at) {
			poll(rip);
			m.visitJumpInsn(GOTO, labels[to]);
		} else {
			m.visitJumpInsn(GOTO, labels[to]);
		}
	}

	/** Pages that one of the blocks needs and the one being written does not, a bit each. */
	private long needs(int block) {
		return selection.pages().needs(block) & ~selection.pages().needs(at);
	}

	/** Where to jump to for going on at an address if nothing has to be looked at before, otherwise {@code null}. */
	Label forward(long rip) {
		Integer to = selection.byRip().get(rip);
		return to == null ? exit(rip) : to > at && needs(to) == 0 ? labels[to] : null;
	}

	private void poll(long rip) {
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitFieldInsn(GETFIELD, CPU, "attention", "I");
		m.visitJumpInsn(IFNE, exit(rip));
	}

	private Label exit(long rip) {
		return exits.computeIfAbsent(rip, key -> new Label());
	}

	/** Goes on at the address in {@link Locals#T0}: within the region if it is there. The last two are tried first. */
	void goIndirect() {
		locals.sync();
		Block block = selection.blocks().get(at);
		boolean all = labels.length > 1;
		for (Block after : new Block[] { block.after(), block.afterElse() }) {
			if (after == null)
				all = false; // that was the only one so far
			Integer to = after == null ? null : selection.byRip().get(after.rip);
			if (to == null)
				continue;
			Label other = new Label();
			m.visitVarInsn(LLOAD, Locals.T0);
			m.visitLdcInsn(after.rip);
			m.visitInsn(LCMP);
			m.visitJumpInsn(IFNE, other);
			go(after.rip);
			m.visitLabel(other);
			locals.frame();
		}
		anywhere |= all;
		m.visitJumpInsn(GOTO, all ? indirect : leave);
	}

	/** Where the address in {@link Locals#T0} may be that of any block. */
	private void find() {
		if (!anywhere)
			return;
		m.visitLabel(indirect);
		locals.frame();
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitFieldInsn(GETFIELD, CPU, "attention", "I");
		m.visitJumpInsn(IFNE, leave);
		m.visitVarInsn(ALOAD, 0);
		m.visitVarInsn(LLOAD, Locals.T0);
		m.visitVarInsn(LLOAD, Locals.MAPPED);
		m.visitMethodInsn(INVOKEVIRTUAL, REGION, "find", "(JJ)I", false);
		m.visitInsn(DUP);
		m.visitVarInsn(ISTORE, Locals.ENTRY);
		m.visitJumpInsn(IFLT, leave);
		enter(0, labels.length);
	}

	private void exits() {
		Label out = new Label();
		int number = 0;
		for (Map.Entry<Long, Label> exit : exits.entrySet()) {
			m.visitLabel(exit.getValue());
			locals.frame();
			push(number++);
			m.visitVarInsn(ISTORE, Locals.I0);
			m.visitLdcInsn(exit.getKey());
			m.visitVarInsn(LSTORE, Locals.T0);
			m.visitJumpInsn(GOTO, out);
		}
		if (locals.leadsTo(leave)) {
			m.visitLabel(leave);
			locals.frame();
			m.visitInsn(ICONST_M1);
			m.visitVarInsn(ISTORE, Locals.I0);
		} else if (exits.isEmpty()) {
			return;
		}
		m.visitLabel(out);
		locals.frame();
		exitNumber();
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(LLOAD, Locals.T0);
		m.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
		m.visitInsn(RETURN);
	}

	private void exitNumber() {
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(ILOAD, Locals.I0);
		m.visitFieldInsn(PUTFIELD, CPU, "exit", "I");
	}

	/** Leaves after an instruction that has put everything home and set rip. */
	private void returnAnywhere() {
		m.visitInsn(ICONST_M1);
		m.visitVarInsn(ISTORE, Locals.I0);
		exitNumber();
		m.visitInsn(RETURN);
	}

	/** A fault passes: the instruction is noted. Registers are at home. */
	private void handle(Label handler) {
		locals.handler(handler, FAULT);
		m.visitVarInsn(ALOAD, 0);
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(ILOAD, Locals.SLOT);
		m.visitMethodInsn(INVOKEVIRTUAL, REGION, "faulted", "(L" + CPU + ";I)V", false);
		m.visitInsn(ATHROW);
	}

	/** Before an instruction accesses memory, or does something else that may fault. */
	void mayFault(Insn insn) {
		locals.sync();
		push(slot(insn));
		m.visitVarInsn(ISTORE, Locals.SLOT);
	}

	private int slot(Insn insn) {
		if (faulting.isEmpty() || faulting.get(faulting.size() - 1) != insn)
			faulting.add(insn);
		return faulting.size() - 1;
	}

	private void push(int value) {
		if (value >= -128 && value < 128)
			m.visitIntInsn(BIPUSH, value);
		else
			m.visitIntInsn(SIPUSH, value);
	}

	private void call(Insn insn) {
		executed.add(insn);
		m.visitFieldInsn(GETSTATIC, NAME, field(executed.size() - 1), "L" + INSN + ";");
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitMethodInsn(INVOKEVIRTUAL, INSN, "exec", "(L" + CPU + ";)V", false);
	}

	/** Has the object of an instruction do it that has to do with general registers by its address alone. */
	void executeVector(Insn insn) {
		mayFault(insn);
		call(insn);
	}

	/** Has the instruction's object do it. */
	void execute(Insn insn) {
		mayFault(insn);
		call(insn);
		locals.forget();
		if (!insn.ends())
			return;
		// it has set rip; where that is what comes after it, as at the end of a repetition, it may go on here
		Integer to = selection.byRip().get(insn.next);
		if (to == null || insn.rep == 0 || needs(to) != 0) {
			returnAnywhere();
			return;
		}
		Label out = new Label();
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitFieldInsn(GETFIELD, CPU, "rip", "J");
		m.visitLdcInsn(insn.next);
		m.visitInsn(LCMP);
		m.visitJumpInsn(IFNE, out);
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitFieldInsn(GETFIELD, CPU, "attention", "I");
		m.visitJumpInsn(IFNE, out);
		m.visitJumpInsn(GOTO, labels[to]);
		m.visitLabel(out);
		locals.frame();
		returnAnywhere();
	}
}
