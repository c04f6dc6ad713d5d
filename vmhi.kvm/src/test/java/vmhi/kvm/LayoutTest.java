package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.cpu.CpuState.MpState;

/**
 * Holds every number of the native ABI to the headers, by a small C program that prints what they say. A header that is
 * older than a constant leaves it out.
 */
class LayoutTest {
	private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");

	/** What the program answers for a constant that its header does not have. */
	private static final String UNKNOWN = "-";

	private final Map<String, Long> ours = new LinkedHashMap<>();

	@Test
	void numbersAreThoseOfTheHeaders(@TempDir Path folder) throws Exception {
		requestsAndAbilities();
		exits();
		kvmRun();
		registers();
		events();
		chips();
		others();
		ofTheCLibrary();

		Map<String, String> theirs = answers(folder);
		List<String> wrong = new ArrayList<>();
		ours.forEach((expression, value) -> {
			String answer = theirs.get(expression);
			if (!UNKNOWN.equals(answer) && !Long.toString(value).equals(answer))
				wrong.add("%s is %s, not %d".formatted(expression, answer, value));
		});
		assertEquals(List.of(), wrong);
	}

	private void requestsAndAbilities() {
		for (KvmRequest request : KvmRequest.values())
			is(request.toString(), request.number);
		for (KvmCap ability : KvmCap.values())
			is(ability.toString(), ability.number);
	}

	private void exits() {
		is("KVM_EXIT_UNKNOWN", KvmRun.EXIT_UNKNOWN);
		is("KVM_EXIT_IO", KvmRun.EXIT_IO);
		is("KVM_EXIT_HYPERCALL", KvmRun.EXIT_HYPERCALL);
		is("KVM_EXIT_DEBUG", KvmRun.EXIT_DEBUG);
		is("KVM_EXIT_HLT", KvmRun.EXIT_HLT);
		is("KVM_EXIT_MMIO", KvmRun.EXIT_MMIO);
		is("KVM_EXIT_IRQ_WINDOW_OPEN", KvmRun.EXIT_IRQ_WINDOW_OPEN);
		is("KVM_EXIT_SHUTDOWN", KvmRun.EXIT_SHUTDOWN);
		is("KVM_EXIT_FAIL_ENTRY", KvmRun.EXIT_FAIL_ENTRY);
		is("KVM_EXIT_INTR", KvmRun.EXIT_INTR);
		is("KVM_EXIT_SET_TPR", KvmRun.EXIT_SET_TPR);
		is("KVM_EXIT_INTERNAL_ERROR", KvmRun.EXIT_INTERNAL_ERROR);
		is("KVM_EXIT_SYSTEM_EVENT", KvmRun.EXIT_SYSTEM_EVENT);
		is("KVM_EXIT_IOAPIC_EOI", KvmRun.EXIT_IOAPIC_EOI);
		is("KVM_EXIT_X86_RDMSR", KvmRun.EXIT_X86_RDMSR);
		is("KVM_EXIT_X86_WRMSR", KvmRun.EXIT_X86_WRMSR);
		is("KVM_EXIT_X86_BUS_LOCK", KvmRun.EXIT_X86_BUS_LOCK);
		is("KVM_EXIT_NOTIFY", KvmRun.EXIT_NOTIFY);
		is("KVM_EXIT_MEMORY_FAULT", KvmRun.EXIT_MEMORY_FAULT);
		is("KVM_SYSTEM_EVENT_SHUTDOWN", KvmRun.SYSTEM_EVENT_SHUTDOWN);
		is("KVM_SYSTEM_EVENT_RESET", KvmRun.SYSTEM_EVENT_RESET);
		is("KVM_NOTIFY_CONTEXT_INVALID", KvmRun.NOTIFY_CONTEXT_INVALID);
		is("KVM_SYNC_X86_REGS", KvmRun.SYNC_REGS);
		is("KVM_SYNC_X86_SREGS", KvmRun.SYNC_SREGS);
	}

	private void kvmRun() {
		String run = "struct kvm_run";
		at(run, "request_interrupt_window", KvmRun.REQUEST_INTERRUPT_WINDOW);
		at(run, "immediate_exit", KvmRun.IMMEDIATE_EXIT);
		at(run, "exit_reason", KvmRun.EXIT_REASON);
		at(run, "ready_for_interrupt_injection", KvmRun.READY_FOR_INTERRUPT);
		at(run, "if_flag", KvmRun.IF_FLAG);
		at(run, "cr8", KvmRun.CR8);
		at(run, "hw.hardware_exit_reason", KvmRun.HW_REASON);
		at(run, "fail_entry.hardware_entry_failure_reason", KvmRun.FAIL_ENTRY_REASON);
		at(run, "fail_entry.cpu", KvmRun.FAIL_ENTRY_CPU);
		at(run, "io.direction", KvmRun.IO_DIRECTION);
		at(run, "io.size", KvmRun.IO_SIZE);
		at(run, "io.port", KvmRun.IO_PORT);
		at(run, "io.count", KvmRun.IO_COUNT);
		at(run, "io.data_offset", KvmRun.IO_DATA_OFFSET);
		at(run, "debug.arch.exception", KvmRun.DEBUG_EXCEPTION);
		at(run, "debug.arch.pc", KvmRun.DEBUG_PC);
		at(run, "debug.arch.dr6", KvmRun.DEBUG_DR6);
		at(run, "mmio.phys_addr", KvmRun.MMIO_PHYS_ADDR);
		at(run, "mmio.data", KvmRun.MMIO_DATA);
		at(run, "mmio.len", KvmRun.MMIO_LEN);
		at(run, "mmio.is_write", KvmRun.MMIO_IS_WRITE);
		at(run, "hypercall.nr", KvmRun.HYPERCALL_NR);
		at(run, "hypercall.ret", KvmRun.HYPERCALL_RET);
		at(run, "internal.suberror", KvmRun.INTERNAL_SUBERROR);
		at(run, "internal.ndata", KvmRun.INTERNAL_NDATA);
		at(run, "internal.data", KvmRun.INTERNAL_DATA);
		at(run, "emulation_failure.flags", KvmRun.EMULATION_FLAGS);
		at(run, "emulation_failure.insn_size", KvmRun.EMULATION_INSN_SIZE);
		at(run, "emulation_failure.insn_bytes", KvmRun.EMULATION_INSN_BYTES);
		at(run, "system_event.type", KvmRun.SYSTEM_EVENT_TYPE);
		at(run, "system_event.data", KvmRun.SYSTEM_EVENT_DATA);
		at(run, "msr.error", KvmRun.MSR_ERROR);
		at(run, "msr.index", KvmRun.MSR_INDEX);
		at(run, "msr.data", KvmRun.MSR_DATA);
		at(run, "notify.flags", KvmRun.NOTIFY_FLAGS);
		at(run, "kvm_valid_regs", KvmRun.VALID_REGS);
		at(run, "kvm_dirty_regs", KvmRun.DIRTY_REGS);
		at(run, "s.regs.regs", KvmRun.REGS);
		at(run, "s.regs.sregs", KvmRun.SREGS);
	}

	private void registers() {
		String regs = "struct kvm_regs", sregs = "struct kvm_sregs";
		size(regs, KvmRegs.SIZE);
		at(regs, "rax", KvmRegs.RAX);
		at(regs, "rbx", KvmRegs.RBX);
		at(regs, "rcx", KvmRegs.RCX);
		at(regs, "rdx", KvmRegs.RDX);
		at(regs, "rsi", KvmRegs.RSI);
		at(regs, "rdi", KvmRegs.RDI);
		at(regs, "rsp", KvmRegs.RSP);
		at(regs, "rbp", KvmRegs.RBP);
		at(regs, "r8", KvmRegs.R8);
		at(regs, "r15", KvmRegs.R8 + 56);
		at(regs, "rip", KvmRegs.RIP);
		at(regs, "rflags", KvmRegs.RFLAGS);

		size(sregs, KvmSregs.SIZE);
		at(sregs, "cs", KvmSregs.CS);
		at(sregs, "ds", KvmSregs.DS);
		at(sregs, "es", KvmSregs.ES);
		at(sregs, "fs", KvmSregs.FS);
		at(sregs, "gs", KvmSregs.GS);
		at(sregs, "ss", KvmSregs.SS);
		at(sregs, "tr", KvmSregs.TR);
		at(sregs, "ldt", KvmSregs.LDT);
		at(sregs, "gdt", KvmSregs.GDT);
		at(sregs, "idt", KvmSregs.IDT);
		at(sregs, "cr0", KvmSregs.CR0);
		at(sregs, "cr2", KvmSregs.CR2);
		at(sregs, "cr3", KvmSregs.CR3);
		at(sregs, "cr4", KvmSregs.CR4);
		at(sregs, "cr8", KvmSregs.CR8);
		at(sregs, "efer", KvmSregs.EFER);
		at(sregs, "apic_base", KvmSregs.APIC_BASE);
		at(sregs, "interrupt_bitmap", KvmSregs.INTERRUPT_BITMAP);

		String segment = "struct kvm_segment", table = "struct kvm_dtable";
		at(segment, "base", KvmSregs.BASE);
		at(segment, "limit", KvmSregs.LIMIT);
		at(segment, "selector", KvmSregs.SELECTOR);
		at(segment, "type", KvmSregs.TYPE);
		at(segment, "present", KvmSregs.PRESENT);
		at(segment, "dpl", KvmSregs.DPL);
		at(segment, "db", KvmSregs.DB);
		at(segment, "s", KvmSregs.S);
		at(segment, "l", KvmSregs.L);
		at(segment, "g", KvmSregs.G);
		at(segment, "avl", KvmSregs.AVL);
		at(segment, "unusable", KvmSregs.UNUSABLE);
		at(table, "base", KvmSregs.TABLE_BASE);
		at(table, "limit", KvmSregs.TABLE_LIMIT);

		size("struct kvm_debugregs", KvmDebugRegs.SIZE);
		at("struct kvm_debugregs", "db", KvmDebugRegs.DB);
		at("struct kvm_debugregs", "dr6", KvmDebugRegs.DR6);
		at("struct kvm_debugregs", "dr7", KvmDebugRegs.DR7);
		size("struct kvm_xcrs", KvmXcrs.SIZE);
		at("struct kvm_xcrs", "nr_xcrs", KvmXcrs.NR_XCRS);
		at("struct kvm_xcrs", "xcrs", KvmXcrs.XCRS);
		at("struct kvm_xcr", "xcr", KvmXcrs.XCR);
		at("struct kvm_xcr", "value", KvmXcrs.VALUE);
		size("struct kvm_xcr", KvmXcrs.ENTRY_SIZE);
		is("KVM_MAX_XCRS", KvmXcrs.MOST);
		size("struct kvm_xsave", KvmVcpuState.XSAVE_SIZE);
		is("KVM_APIC_REG_SIZE", KvmVcpuState.LAPIC_SIZE);
	}

	private void events() {
		String events = "struct kvm_vcpu_events";
		size(events, KvmEvents.SIZE);
		at(events, "exception.injected", KvmEvents.EXCEPTION_INJECTED);
		at(events, "exception.nr", KvmEvents.EXCEPTION_NR);
		at(events, "exception.has_error_code", KvmEvents.EXCEPTION_HAS_ERROR_CODE);
		at(events, "exception.error_code", KvmEvents.EXCEPTION_ERROR_CODE);
		at(events, "interrupt.injected", KvmEvents.INTERRUPT_INJECTED);
		at(events, "interrupt.nr", KvmEvents.INTERRUPT_NR);
		at(events, "interrupt.soft", KvmEvents.INTERRUPT_SOFT);
		at(events, "interrupt.shadow", KvmEvents.INTERRUPT_SHADOW);
		at(events, "nmi.injected", KvmEvents.NMI_INJECTED);
		at(events, "nmi.pending", KvmEvents.NMI_PENDING);
		at(events, "nmi.masked", KvmEvents.NMI_MASKED);
		at(events, "sipi_vector", KvmEvents.SIPI_VECTOR);
		at(events, "flags", KvmEvents.FLAGS);
		at(events, "smi.smm", KvmEvents.SMI_SMM);
		is("KVM_VCPUEVENT_VALID_NMI_PENDING", KvmEvents.VALID_NMI_PENDING);
		is("KVM_VCPUEVENT_VALID_SIPI_VECTOR", KvmEvents.VALID_SIPI_VECTOR);
		is("KVM_VCPUEVENT_VALID_SHADOW", KvmEvents.VALID_SHADOW);

		for (MpState state : MpState.values())
			is("KVM_MP_STATE_" + state, KvmVcpuState.kvmMpState(state));

		at("struct kvm_msrs", "nmsrs", KvmMsrs.NMSRS);
		size("struct kvm_msrs", KvmMsrs.HEADER_SIZE);
		at("struct kvm_msr_entry", "index", KvmMsrs.INDEX);
		at("struct kvm_msr_entry", "data", KvmMsrs.DATA);
		size("struct kvm_msr_entry", KvmMsrs.ENTRY_SIZE);

		at("struct kvm_msr_filter", "ranges", KvmMsrFilter.RANGES);
		size("struct kvm_msr_filter", KvmMsrFilter.SIZE);
		is("KVM_MSR_FILTER_MAX_RANGES", KvmMsrFilter.MOST_RANGES);
		is("KVM_MSR_FILTER_MAX_BITMAP_SIZE", KvmMsrFilter.MOST_BITMAP);
		String range = "struct kvm_msr_filter_range";
		at(range, "flags", KvmMsrFilter.FLAGS);
		at(range, "nmsrs", KvmMsrFilter.NMSRS);
		at(range, "base", KvmMsrFilter.BASE);
		at(range, "bitmap", KvmMsrFilter.BITMAP);
		size(range, KvmMsrFilter.RANGE_SIZE);
		is("KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE", 3);
		is("KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN | KVM_MSR_EXIT_REASON_FILTER",
				KvmProcessor.MSR_EXITS);
		is("KVM_X86_QUIRK_OUT_7E_INC_RIP | KVM_X86_QUIRK_FIX_HYPERCALL_INSN", KvmProcessor.QUIRKS);
	}

	private void chips() {
		String chip = "struct kvm_irqchip", ioApic = "chip.ioapic.", pic = "chip.pic.";
		size(chip, KvmIrqchip.SIZE);
		at(chip, "chip_id", KvmIrqchip.CHIP_ID);
		at(chip, ioApic + "base_address", KvmIrqchip.BASE_ADDRESS);
		at(chip, ioApic + "ioregsel", KvmIrqchip.IOREGSEL);
		at(chip, ioApic + "id", KvmIrqchip.ID);
		at(chip, ioApic + "irr", KvmIrqchip.IO_IRR);
		at(chip, ioApic + "redirtbl", KvmIrqchip.REDIRTBL);
		at(chip, pic + "last_irr", KvmIrqchip.LAST_IRR);
		at(chip, pic + "irr", KvmIrqchip.IRR);
		at(chip, pic + "imr", KvmIrqchip.IMR);
		at(chip, pic + "isr", KvmIrqchip.ISR);
		at(chip, pic + "priority_add", KvmIrqchip.PRIORITY_ADD);
		at(chip, pic + "irq_base", KvmIrqchip.IRQ_BASE);
		at(chip, pic + "read_reg_select", KvmIrqchip.READ_REG_SELECT);
		at(chip, pic + "poll", KvmIrqchip.POLL);
		at(chip, pic + "special_mask", KvmIrqchip.SPECIAL_MASK);
		at(chip, pic + "init_state", KvmIrqchip.INIT_STATE);
		at(chip, pic + "auto_eoi", KvmIrqchip.AUTO_EOI);
		at(chip, pic + "rotate_on_auto_eoi", KvmIrqchip.ROTATE_ON_AUTO_EOI);
		at(chip, pic + "special_fully_nested_mode", KvmIrqchip.SPECIAL_FULLY_NESTED_MODE);
		at(chip, pic + "init4", KvmIrqchip.INIT4);
		at(chip, pic + "elcr", KvmIrqchip.ELCR);
		at(chip, pic + "elcr_mask", KvmIrqchip.ELCR_MASK);
		is("KVM_IOAPIC_NUM_PINS", KvmIrqchip.PINS);
		is("KVM_IRQCHIP_PIC_MASTER", KvmIrqchip.PRIMARY_PIC);
		is("KVM_IRQCHIP_PIC_SLAVE", KvmIrqchip.SECONDARY_PIC);
		is("KVM_IRQCHIP_IOAPIC", KvmIrqchip.IO_APIC);

		String pit = "struct kvm_pit_state2", channel = "struct kvm_pit_channel_state";
		size(pit, KvmPit.SIZE);
		at(pit, "channels", KvmPit.CHANNELS);
		at(pit, "flags", KvmPit.FLAGS);
		size(channel, KvmPit.CHANNEL_SIZE);
		at(channel, "count", KvmPit.COUNT);
		at(channel, "latched_count", KvmPit.LATCHED_COUNT);
		at(channel, "count_latched", KvmPit.COUNT_LATCHED);
		at(channel, "status_latched", KvmPit.STATUS_LATCHED);
		at(channel, "status", KvmPit.STATUS);
		at(channel, "read_state", KvmPit.READ_STATE);
		at(channel, "write_state", KvmPit.WRITE_STATE);
		at(channel, "write_latch", KvmPit.WRITE_LATCH);
		at(channel, "rw_mode", KvmPit.RW_MODE);
		at(channel, "mode", KvmPit.MODE);
		at(channel, "bcd", KvmPit.BCD);
		at(channel, "gate", KvmPit.GATE);
		at(channel, "count_load_time", KvmPit.COUNT_LOAD_TIME);
		is("KVM_PIT_FLAGS_SPEAKER_DATA_ON", KvmPit.FLAG_SPEAKER_DATA_ON);
		size("struct kvm_pit_config", KvmPit.CONFIG_SIZE);
		at("struct kvm_pit_config", "flags", KvmPit.CONFIG_FLAGS);
		is("KVM_PIT_SPEAKER_DUMMY", KvmPit.CONFIG_SPEAKER_DUMMY);

		size("struct kvm_irq_level", KvmChips.IRQ_LEVEL_SIZE);
		at("struct kvm_irq_level", "irq", KvmChips.IRQ);
		at("struct kvm_irq_level", "level", KvmChips.LEVEL);
		size("struct kvm_msi", KvmChips.MSI_SIZE);
		at("struct kvm_msi", "address_lo", KvmChips.ADDRESS_LO);
		at("struct kvm_msi", "address_hi", KvmChips.ADDRESS_HI);
		at("struct kvm_msi", "data", KvmChips.DATA);
	}

	private void others() {
		String bell = "struct kvm_ioeventfd";
		size(bell, KvmDoorbells.IOEVENTFD_SIZE);
		at(bell, "datamatch", KvmDoorbells.DATAMATCH);
		at(bell, "addr", KvmDoorbells.ADDR);
		at(bell, "len", KvmDoorbells.LEN);
		at(bell, "fd", KvmDoorbells.FD);
		at(bell, "flags", KvmDoorbells.FLAGS);
		is("KVM_IOEVENTFD_FLAG_DATAMATCH", KvmDoorbells.FLAG_DATAMATCH);
		is("KVM_IOEVENTFD_FLAG_PIO", KvmDoorbells.FLAG_PIO);
		is("KVM_IOEVENTFD_FLAG_DEASSIGN", KvmDoorbells.FLAG_DEASSIGN);

		String memory = "struct kvm_userspace_memory_region";
		size(memory, KvmMemory.REGION_SIZE);
		at(memory, "slot", KvmMemory.SLOT);
		at(memory, "flags", KvmMemory.FLAGS);
		at(memory, "guest_phys_addr", KvmMemory.GUEST_PHYS_ADDR);
		at(memory, "memory_size", KvmMemory.MEMORY_SIZE);
		at(memory, "userspace_addr", KvmMemory.USERSPACE_ADDR);
		is("KVM_MEM_LOG_DIRTY_PAGES", KvmMemory.LOG_DIRTY_PAGES);
		size("struct kvm_dirty_log", KvmMemory.DIRTY_LOG_SIZE);
		at("struct kvm_dirty_log", "slot", KvmMemory.DIRTY_SLOT);
		at("struct kvm_dirty_log", "dirty_bitmap", KvmMemory.DIRTY_BITMAP);

		size("struct kvm_cpuid2", KvmCpuid.HEADER_SIZE);
		at("struct kvm_cpuid2", "nent", KvmCpuid.NENT);
		String leaf = "struct kvm_cpuid_entry2";
		size(leaf, KvmCpuid.ENTRY_SIZE);
		at(leaf, "function", KvmCpuid.FUNCTION);
		at(leaf, "index", KvmCpuid.INDEX);
		at(leaf, "flags", KvmCpuid.FLAGS);
		at(leaf, "eax", KvmCpuid.EAX);
		at(leaf, "ebx", KvmCpuid.EBX);
		at(leaf, "ecx", KvmCpuid.ECX);
		at(leaf, "edx", KvmCpuid.EDX);
		is("KVM_CPUID_FLAG_SIGNIFCANT_INDEX", KvmCpuid.FLAG_SIGNIFICANT_INDEX);

		at("struct kvm_clock_data", "clock", KvmProcessor.CLOCK);
		size("struct kvm_clock_data", KvmProcessor.CLOCK_SIZE);
		at("struct kvm_enable_cap", "cap", KvmFd.CAP);
		at("struct kvm_enable_cap", "args", KvmFd.ARGS);
		size("struct kvm_enable_cap", KvmFd.ENABLE_CAP_SIZE);
	}

	private void ofTheCLibrary() {
		at("struct sigaction", "sa_handler", KvmKick.SA_HANDLER);
		at("struct sigaction", "sa_mask", KvmKick.SA_MASK);
		size("struct sigaction", KvmKick.SIGACTION_SIZE);
		size("sigset_t", KvmKick.SIGSET_SIZE);
		is("SIG_UNBLOCK", Kvm.SIG_UNBLOCK);
		at("struct epoll_event", "events", KvmDoorbells.EVENTS);
		at("struct epoll_event", "data", KvmDoorbells.EVENT_DATA);
		size("struct epoll_event", KvmDoorbells.EVENT_SIZE);
		is("EPOLL_CTL_ADD", Kvm.EPOLL_CTL_ADD);
		is("EPOLLIN", Kvm.EPOLLIN);
		is("EPOLL_CLOEXEC", Kvm.EPOLL_CLOEXEC);
		is("EFD_CLOEXEC", Kvm.EFD_CLOEXEC);
		is("EFD_NONBLOCK", Kvm.EFD_NONBLOCK);
		is("O_RDWR", Kvm.O_RDWR);
		is("O_CLOEXEC", Kvm.O_CLOEXEC);
		is("PROT_READ", Kvm.PROT_READ);
		is("PROT_WRITE", Kvm.PROT_WRITE);
		is("MAP_SHARED", Kvm.MAP_SHARED);
		is("MAP_PRIVATE", Kvm.MAP_PRIVATE);
		is("MAP_ANONYMOUS", Kvm.MAP_ANONYMOUS);
		is("EINTR", Kvm.EINTR);
		is("EAGAIN", Kvm.EAGAIN);
		is("EFAULT", Kvm.EFAULT);
		is("SYS_ioctl", Kvm.SYS_IOCTL);
		is("SYS_getpid", Kvm.SYS_GETPID);
		is("SYS_gettid", Kvm.SYS_GETTID);
		is("SYS_tgkill", Kvm.SYS_TGKILL);
	}

	private void is(String expression, long value) {
		ours.put(expression, value);
	}

	private void at(String structure, String field, long offset) {
		is("offsetof(%s, %s)".formatted(structure, field), offset);
	}

	private void size(String structure, long size) {
		is("sizeof(%s)".formatted(structure), size);
	}

	private Map<String, String> answers(Path folder) throws IOException, InterruptedException {
		String compiler = COMPILERS.stream().filter(LayoutTest::isThere).findFirst().orElse(null);
		assumeTrue(compiler != null, "no C compiler: none of " + COMPILERS + " is on the path");
		assumeTrue(Files.exists(Path.of("/usr/include/linux/kvm.h")), "no linux/kvm.h: install the kernel's headers");

		Path source = folder.resolve("layout.c"), program = folder.resolve("layout");
		StringBuilder text = new StringBuilder("#define _GNU_SOURCE\n");
		for (String header : List.of("errno.h", "fcntl.h", "signal.h", "stddef.h", "stdio.h", "linux/kvm.h",
				"sys/epoll.h",
				"sys/eventfd.h", "sys/ioctl.h", "sys/mman.h", "sys/syscall.h"))
			text.append("#include <").append(header).append(">\n");
		text.append("int main(void) {\n");
		for (String expression : ours.keySet())
			text.append(print(expression));
		Files.writeString(source, text.append("}\n"));

		run(List.of(compiler, "-o", program.toString(), source.toString()));
		Map<String, String> answers = new LinkedHashMap<>();
		for (String line : run(List.of(program.toString())).lines().toList())
			answers.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1));
		return answers;
	}

	private static String print(String expression) {
		String known = "printf(\"%%s\\t%%ld\\n\", \"%1$s\", (long) (%1$s));\n".formatted(expression);
		if (!expression.startsWith("KVM_") || expression.contains(" "))
			return known;
		return "#ifdef %1$s\n%2$s#else\nputs(\"%1$s\\t%3$s\");\n#endif\n".formatted(expression, known, UNKNOWN);
	}

	private static boolean isThere(String program) {
		return Stream.of(System.getenv("PATH").split(":")).anyMatch(f -> Files.isExecutable(Path.of(f, program)));
	}

	private static String run(List<String> command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes());
		assertEquals(true, process.waitFor(30, TimeUnit.SECONDS), command.toString());
		assertEquals(0, process.exitValue(), output);
		return output;
	}
}
