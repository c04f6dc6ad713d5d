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
 * Writes the class of a region: one method with all of its blocks. The guest's registers and flags are local variables
 * of it; they go home to the {@link Cpu} where control leaves, before an instruction that is executed by its object, and
 * when a fault passes through.
 */
final class RegionEmitter {
	static final String CPU = Type.getInternalName(Cpu.class);
	static final String SUPPORT = Type.getInternalName(Support.class);
	private static final String INSN = Type.getInternalName(Insn.class);
	private static final String FAULT = Type.getInternalName(Fault.class);
	private static final String REGION = Type.getInternalName(Region.class);
	private static final String NAME = REGION + "Code";

	private final Selection selection;
	private final boolean ordered;
	private final List<Insn> executed = new ArrayList<>();
	private final List<Insn> faulting = new ArrayList<>();
	private final Label[] labels;
	private final Map<Long, Label> exits = new LinkedHashMap<>();
	private final Label leave = new Label();
	private Locals locals;
	private MethodVisitor m;
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

		m = writer.visitMethod(ACC_PUBLIC | ACC_FINAL, "run", "(L" + CPU + ";I)V", null, null);
		m.visitCode();
		locals = new Locals(m, selection, ordered);
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
		if (executed.isEmpty())
			return;
		MethodVisitor begin = writer.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
		begin.visitCode();
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
		locals.enter();
		Label start = new Label(), end = new Label(), handler = new Label();
		m.visitTryCatchBlock(start, end, handler, FAULT);
		m.visitVarInsn(ILOAD, Locals.ENTRY);
		if (labels.length == 1)
			m.visitInsn(POP);
		else
			m.visitTableSwitchInsn(0, labels.length - 1, labels[0], labels);
		m.visitLabel(start);
		for (at = 0; at < labels.length; at++)
			block();
		m.visitLabel(end);
		exits();
		m.visitLabel(handler);
		locals.frame(FAULT);
		handle();
		Label last = new Label();
		m.visitLabel(last);
		bytes = last.getOffset();
	}

	private void block() {
		m.visitLabel(labels[at]);
		locals.frame();
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
		Integer to = selection.byRip().get(rip);
		if (to == null) {
			m.visitJumpInsn(GOTO, exit(rip));
		} else if (to <= at) {
			poll(rip);
			m.visitJumpInsn(GOTO, labels[to]);
		} else {
			m.visitJumpInsn(GOTO, labels[to]);
		}
	}

	/** Where to jump to for going on at an address, without a poll; {@code null} if that takes one. */
	Label forward(long rip) {
		Integer to = selection.byRip().get(rip);
		return to == null ? exit(rip) : to > at ? labels[to] : null;
	}

	private void poll(long rip) {
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitFieldInsn(GETFIELD, CPU, "attention", "I");
		m.visitJumpInsn(IFNE, exit(rip));
	}

	private Label exit(long rip) {
		return exits.computeIfAbsent(rip, key -> new Label());
	}

	/** Goes on at the address in {@link Locals#T0}: within the region if it is one that was taken before. */
	void goIndirect() {
		Block block = selection.blocks().get(at);
		for (Block after : new Block[] { block.after(), block.afterElse() }) {
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
		m.visitJumpInsn(GOTO, leave);
	}

	private void exits() {
		Label indirect = leave, out = new Label();
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
		m.visitLabel(indirect);
		locals.frame();
		m.visitInsn(ICONST_M1);
		m.visitVarInsn(ISTORE, Locals.I0);
		m.visitLabel(out);
		locals.frame();
		locals.home();
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

	/** A fault passes: the registers go home unless they are there, and the instruction is noted. */
	private void handle() {
		Label atHome = new Label();
		m.visitVarInsn(ILOAD, Locals.SLOT);
		m.visitJumpInsn(IFLT, atHome);
		insns.fault();
		locals.home();
		m.visitLabel(atHome);
		locals.frame(FAULT);
		m.visitVarInsn(ALOAD, 0);
		m.visitVarInsn(ALOAD, Locals.CPU);
		m.visitVarInsn(ILOAD, Locals.SLOT);
		m.visitMethodInsn(INVOKEVIRTUAL, REGION, "faulted", "(L" + CPU + ";I)V", false);
		m.visitInsn(ATHROW);
	}

	/** Notes the instruction that may fault next, with its registers in local variables. */
	void mayFault(Insn insn) {
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
		if (insn.memory)
			locals.home(Knowledge.addressed(insn));
		mayFault(insn);
		call(insn);
	}

	/** Has the instruction's object do it. */
	void execute(Insn insn) {
		locals.home();
		push(-1 - slot(insn));
		m.visitVarInsn(ISTORE, Locals.SLOT);
		call(insn);
		if (!insn.ends()) {
			locals.fetch();
			return;
		}
		// it has set rip; where that is what comes after it, as at the end of a repetition, it may go on here
		Integer to = selection.byRip().get(insn.next);
		if (to == null || insn.rep == 0) {
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
		locals.fetch();
		m.visitJumpInsn(GOTO, labels[to]);
		m.visitLabel(out);
		locals.frame();
		returnAnywhere();
	}
}
