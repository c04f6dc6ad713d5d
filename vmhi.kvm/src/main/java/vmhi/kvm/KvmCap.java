package vmhi.kvm;

/** Abilities of a KVM, by their name in linux/kvm.h without {@code KVM_CAP_}, and their number there. */
enum KvmCap {
	// @formatter:off
	USER_MEMORY(3, true),
	SET_TSS_ADDR(4, true),
	EXT_CPUID(7, true),
	MP_STATE(14, true),
	IRQCHIP(0, true),
	PIT2(33, true),
	PIT_STATE2(35, true),
	IOEVENTFD(36, true),
	SET_IDENTITY_MAP_ADDR(37, true),
	ADJUST_CLOCK(39, true),
	VCPU_EVENTS(41, true),
	DEBUGREGS(50, true),
	XSAVE(55, true),
	XCRS(56, true),
	SYNC_REGS(74, true),
	SIGNAL_MSI(77, true),
	CHECK_EXTENSION_VM(105, true),
	IMMEDIATE_EXIT(136, true),
	X86_USER_SPACE_MSR(188, true),
	X86_MSR_FILTER(189, true),

	NR_VCPUS(9, false),
	NR_MEMSLOTS(10, false),
	GET_TSC_KHZ(61, false),
	MAX_VCPUS(66, false),
	TSC_DEADLINE_TIMER(72, false),
	IOEVENTFD_ANY_LENGTH(122, false),
	XSAVE2(208, false),
	DISABLE_QUIRKS2(213, false);
	// @formatter:on

	final int number;

	/** Whether nothing is run without it. All that are needed are in Linux 5.10. */
	final boolean needed;

	KvmCap(int number, boolean needed) {
		this.number = number;
		this.needed = needed;
	}

	/** The name in the header. */
	@Override
	public String toString() {
		return "KVM_CAP_" + name();
	}
}
