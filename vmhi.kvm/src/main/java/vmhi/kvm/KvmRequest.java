package vmhi.kvm;

/** The ioctls of linux/kvm.h that are used here: its name without {@code KVM_}, and its number on x86-64. */
enum KvmRequest {
	// @formatter:off
	GET_API_VERSION(0xae00),
	CREATE_VM(0xae01),
	GET_MSR_INDEX_LIST(0xc004_ae02L),
	CHECK_EXTENSION(0xae03), // of the device and of a VM
	GET_VCPU_MMAP_SIZE(0xae04),
	GET_SUPPORTED_CPUID(0xc008_ae05L),

	// of a VM
	CREATE_VCPU(0xae41),
	GET_DIRTY_LOG(0x4010_ae42L),
	SET_USER_MEMORY_REGION(0x4020_ae46L),
	SET_TSS_ADDR(0xae47),
	SET_IDENTITY_MAP_ADDR(0x4008_ae48L),
	CREATE_IRQCHIP(0xae60),
	IRQ_LINE(0x4008_ae61L),
	GET_IRQCHIP(0xc208_ae62L),
	SET_IRQCHIP(0x8208_ae63L),
	CREATE_PIT2(0x4040_ae77L),
	IOEVENTFD(0x4040_ae79L),
	SET_CLOCK(0x4030_ae7bL),
	GET_CLOCK(0x8030_ae7cL),
	GET_PIT2(0x8070_ae9fL),
	SET_PIT2(0x4070_aea0L),
	ENABLE_CAP(0x4068_aea3L),
	SIGNAL_MSI(0x4020_aea5L),
	X86_SET_MSR_FILTER(0x4188_aec6L),

	// of a vCPU
	RUN(0xae80),
	GET_TSC_KHZ(0xaea3),
	GET_REGS(0x8090_ae81L),
	SET_REGS(0x4090_ae82L),
	GET_SREGS(0x8138_ae83L),
	SET_SREGS(0x4138_ae84L),
	INTERRUPT(0x4004_ae86L),
	GET_MSRS(0xc008_ae88L),
	SET_MSRS(0x4008_ae89L),
	GET_LAPIC(0x8400_ae8eL),
	SET_LAPIC(0x4400_ae8fL),
	SET_CPUID2(0x4008_ae90L),
	GET_MP_STATE(0x8004_ae98L),
	SET_MP_STATE(0x4004_ae99L),
	NMI(0xae9a),
	GET_VCPU_EVENTS(0x8040_ae9fL),
	SET_VCPU_EVENTS(0x4040_aea0L),
	GET_DEBUGREGS(0x8080_aea1L),
	SET_DEBUGREGS(0x4080_aea2L),
	GET_XSAVE(0x9000_aea4L),
	SET_XSAVE(0x5000_aea5L),
	GET_XCRS(0x8188_aea6L),
	SET_XCRS(0x4188_aea7L),
	GET_XSAVE2(0x9000_aecfL);
	// @formatter:on

	final long number;

	KvmRequest(long number) {
		this.number = number;
	}

	/** The name in the header. */
	@Override
	public String toString() {
		return "KVM_" + name();
	}
}
