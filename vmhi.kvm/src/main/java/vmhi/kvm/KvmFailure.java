package vmhi.kvm;

import static vmhi.kvm.KvmRun.*;

import java.nio.ByteBuffer;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.Segment;
import vmhi.api.cpu.CpuState.SystemRegisters;

/**
 * Puts into words why a vCPU can't go on: the reason and where the guest was in the first line, its registers in those
 * that follow.
 */
final class KvmFailure {
	private static final int SUBERROR_EMULATION = 1;

	private static final String[] NAMES = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10",
			"R11", "R12", "R13", "R14", "R15" };

	private KvmFailure() {}

	/** Of an exit that nobody can answer. */
	static CpuException exit(String vcpu, KvmFd fd, ByteBuffer page) {
		int reason = page.getInt(EXIT_REASON);
		Kind kind = switch (reason) {
			case EXIT_INTERNAL_ERROR, EXIT_SYSTEM_EVENT, EXIT_FAIL_ENTRY -> Kind.GUEST;
			default -> Kind.HOST;
		};
		return failure(kind, vcpu, fd, describe(reason, page));
	}

	/** Of KVM_RUN itself. */
	static CpuException run(String vcpu, KvmFd fd, ByteBuffer page, int error) {
		if (error == Kvm.EFAULT && page.getInt(EXIT_REASON) == EXIT_MEMORY_FAULT)
			return failure(Kind.HOST, vcpu, fd, describe(EXIT_MEMORY_FAULT, page));
		if (error == Kvm.EFAULT)
			return failure(Kind.HOST, vcpu, fd, "KVM_RUN: EFAULT, the host can't reach the memory behind guest RAM");
		return failure(Kind.HOST, vcpu, fd, "KVM_RUN: errno " + error);
	}

	private static CpuException failure(Kind kind, String vcpu, KvmFd fd, String what) {
		String at = "", registers;
		try {
			ByteBuffer regs = Kvm.buffer(KvmRegs.SIZE), sregs = Kvm.buffer(KvmSregs.SIZE);
			fd.call(KvmRequest.GET_REGS, regs);
			fd.call(KvmRequest.GET_SREGS, sregs);
			General general = KvmRegs.read(regs);
			at = " at RIP %#x".formatted(general.rip());
			registers = dump(general, KvmSregs.read(sregs));
		} catch (CpuException e) {
			registers = "no registers: " + e.getMessage();
		}
		return new CpuException(kind, "%s: %s%s\n%s".formatted(vcpu, what, at, registers));
	}

	private static String describe(int reason, ByteBuffer page) {
		return switch (reason) {
			case EXIT_UNKNOWN -> "KVM_EXIT_UNKNOWN, the processor's reason %#x".formatted(page.getLong(HW_REASON));
			case EXIT_DEBUG -> "KVM_EXIT_DEBUG, exception %d at %#x, DR6 %#x: nobody debugs this guest".formatted(
					page.getInt(DEBUG_EXCEPTION), page.getLong(DEBUG_PC), page.getLong(DEBUG_DR6));
			case EXIT_FAIL_ENTRY -> "KVM_EXIT_FAIL_ENTRY, the processor's reason %#x on CPU %d: it can't run this state"
					.formatted(page.getLong(FAIL_ENTRY_REASON), page.getInt(FAIL_ENTRY_CPU));
			case EXIT_INTERNAL_ERROR -> internalError(page);
			case EXIT_SYSTEM_EVENT -> "KVM_EXIT_SYSTEM_EVENT %d, data %#x".formatted(page.getInt(SYSTEM_EVENT_TYPE),
					page.getLong(SYSTEM_EVENT_DATA));
			case EXIT_NOTIFY -> "KVM_EXIT_NOTIFY, flags %#x: the registers are lost"
					.formatted(page.getInt(NOTIFY_FLAGS));
			case EXIT_MEMORY_FAULT -> "KVM_EXIT_MEMORY_FAULT, %#x bytes at GPA %#x, flags %#x".formatted(
					page.getLong(MEMORY_FAULT_SIZE), page.getLong(MEMORY_FAULT_GPA), page.getLong(MEMORY_FAULT_FLAGS));
			default -> "KVM exit %d, which nothing here asked for".formatted(reason);
		};
	}

	private static String internalError(ByteBuffer page) {
		int suberror = page.getInt(INTERNAL_SUBERROR);
		int count = Math.min(Math.max(page.getInt(INTERNAL_NDATA), 0), 16);
		if (suberror == SUBERROR_EMULATION)
			return "KVM_INTERNAL_ERROR_EMULATION, KVM does not know the instruction" + instruction(page, count);

		StringBuilder text = new StringBuilder("KVM_EXIT_INTERNAL_ERROR, ").append(switch (suberror) {
			case 2 -> "exceptions at the same time (SIMUL_EX)";
			case 3 -> "an event could not be delivered (DELIVERY_EV)";
			case 4 -> "an exit unknown to KVM (UNEXPECTED_EXIT_REASON)";
			default -> "suberror " + suberror;
		});
		for (int i = 0; i < count; i++)
			text.append(i == 0 ? ", data " : " ").append("%#x".formatted(page.getLong(INTERNAL_DATA + 8 * i)));
		return text.toString();
	}

	/** @param count how many words of the structure KVM filled; with 3 or more it may have told the bytes */
	private static String instruction(ByteBuffer page, int count) {
		if (count < 3 || (page.getLong(EMULATION_FLAGS) & 1) == 0)
			return "";
		StringBuilder text = new StringBuilder(" beginning with");
		for (int i = 0; i < Math.min(page.get(EMULATION_INSN_SIZE), 15); i++)
			text.append(" %02x".formatted(page.get(EMULATION_INSN_BYTES + i)));
		return text.toString();
	}

	private static String dump(General g, SystemRegisters s) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < NAMES.length; i++)
			text.append("%-3s %016x%s".formatted(NAMES[i], g.registers()[i], i % 4 == 3 ? "\n" : "  "));
		text.append("RIP %016x  RFLAGS %08x\n".formatted(g.rip(), g.rflags()));
		text.append("CR0 %08x  CR2 %016x  CR3 %016x  CR4 %08x  CR8 %x  EFER %x  APIC %x\n".formatted(s.cr0(), s.cr2(),
				s.cr3(), s.cr4(), s.cr8(), s.efer(), s.apicBase()));
		segment(text, "CS", s.cs());
		segment(text, "SS", s.ss());
		segment(text, "DS", s.ds());
		segment(text, "ES", s.es());
		segment(text, "FS", s.fs());
		segment(text, "GS", s.gs());
		segment(text, "TR", s.tr());
		segment(text, "LDT", s.ldt());
		return text.append("GDT %016x limit %x  IDT %016x limit %x".formatted(s.gdt().base(), s.gdt().limit(),
				s.idt().base(), s.idt().limit())).toString();
	}

	private static void segment(StringBuilder text, String name, Segment s) {
		text.append("%-3s %04x  base %016x  limit %08x  attributes %04x\n".formatted(name, s.selector(), s.base(),
				s.limit(), s.attributes()));
	}
}
