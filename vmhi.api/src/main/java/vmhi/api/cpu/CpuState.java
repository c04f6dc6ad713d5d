package vmhi.api.cpu;

import java.util.List;

/**
 * All architectural state of one vCPU between two instructions, the same for every backend.
 * <p>
 * {@link Vcpu#save} fills every part it has. In a state that is given to {@link Vcpu#restore} a part may be
 * {@code null}, which leaves what is there: that is how a loader sets the few registers it cares for. The arrays are
 * not copied: whoever makes a state gives them away.
 * <p>
 * Bit layouts are those of the Intel 64 manual (SDM) unless a part says otherwise.
 *
 * @param general general registers, RIP and RFLAGS
 * @param system segments, control registers, EFER, APIC base
 * @param debug debug registers
 * @param msrs model-specific registers, but EFER and the APIC base
 * @param xcrs extended control registers
 * @param xsave FPU, SSE and further state as XSAVE stores it in the standard (not compacted) form, 512 bytes of legacy
 *        area and 64 bytes of header at least (SDM volume 1, 13.4). Parts whose bit in XSTATE_BV is 0 are in their
 *        initial state.
 * @param localApic registers of the local APIC, a page as it is seen at its MMIO address: 32-bit values at multiples of
 *        16 bytes up to offset 0x3f0 (SDM volume 3, 10.4.1); {@code null} where the backend has none
 * @param events what is pending or being delivered
 * @param mpState whether it runs
 */
public record CpuState(General general, SystemRegisters system, Debug debug, List<Msr> msrs, List<Xcr> xcrs,
		byte[] xsave, byte[] localApic, Events events, MpState mpState) {

	/** Version of the layout of this value, as it is stored; rises when a part is added. */
	public static final int VERSION = 1;

	/**
	 * General registers.
	 *
	 * @param registers sixteen values in the order in which instructions encode them: RAX RCX RDX RBX RSP RBP RSI RDI
	 *        R8 to R15
	 */
	public record General(long[] registers, long rip, long rflags) {}

	/**
	 * Segments, control registers and what belongs to them.
	 *
	 * @param apicBase IA32_APIC_BASE
	 */
	public record SystemRegisters(Segment cs, Segment ds, Segment es, Segment fs, Segment gs, Segment ss, Segment tr,
			Segment ldt, Table gdt, Table idt, long cr0, long cr2, long cr3, long cr4, long cr8, long efer,
			long apicBase) {}

	/**
	 * A segment register with its hidden part.
	 *
	 * @param limit in bytes, whatever the granularity; an unsigned 32-bit number
	 * @param attributes type (bits 3:0), S (4), DPL (6:5), P (7), AVL (8), L (9), D/B (10), G (11), unusable (12)
	 */
	public record Segment(int selector, long base, int limit, int attributes) {}

	/** GDTR or IDTR. {@code limit} is an unsigned 16-bit number. */
	public record Table(long base, int limit) {}

	/**
	 * Debug registers.
	 *
	 * @param dr0to3 four linear addresses
	 */
	public record Debug(long[] dr0to3, long dr6, long dr7) {}

	/** A model-specific register. The time-stamp counter is 0x10. */
	public record Msr(int index, long value) {}

	/** An extended control register; XCR0 is 0. */
	public record Xcr(int index, long value) {}

	/**
	 * What is pending or being delivered between two instructions.
	 *
	 * @param exception vector of an exception to be delivered, or -1
	 * @param exceptionHasError whether {@code exceptionError} is pushed with it
	 * @param exceptionPayload CR2 or DR6 of a pending #PF or #DB not yet in the register; 0 otherwise
	 * @param interrupt vector of an interrupt being delivered, or -1
	 * @param softInterrupt whether that comes from INT n
	 * @param interruptShadow 0; 1 after MOV SS; 2 after STI
	 * @param nmiPending an NMI waits
	 * @param nmiBlocked NMIs are blocked until IRET
	 * @param startupVector vector of a STARTUP message not yet acted on, or -1
	 */
	public record Events(int exception, boolean exceptionHasError, int exceptionError, long exceptionPayload,
			int interrupt, boolean softInterrupt, int interruptShadow, boolean nmiPending, boolean nmiBlocked,
			int startupVector) {

		/** Nothing pending. */
		public static final Events NONE = new Events(-1, false, 0, 0, -1, false, 0, false, false, -1);
	}

	/** Whether a vCPU runs (SDM volume 3, 8.4). */
	public enum MpState {
		/** Executes instructions. */
		RUNNABLE,
		/** Executed HLT, waits for an interrupt. */
		HALTED,
		/** A further vCPU after reset, before INIT. */
		UNINITIALIZED,
		/** Got INIT, waits for STARTUP. */
		INIT_RECEIVED,
		/** Got STARTUP, has not started yet. */
		SIPI_RECEIVED
	}
}
