/**
 * The CPU backend on the Linux kernel's KVM.
 * <p>
 * Begin with {@link vmhi.kvm.KvmBackend}, the component, then {@link vmhi.kvm.KvmProcessor}, a VM, and
 * {@link vmhi.kvm.KvmVcpu}, whose {@code run} is the exit loop. {@link vmhi.kvm.Kvm} lists the system calls;
 * {@link vmhi.kvm.KvmRun} is the memory that is shared with KVM. A class is named after each group of the kernel's
 * structures and turns it into a part of {@code CpuState} or {@code ChipState}.
 * <p>
 * Not every {@code /dev/kvm} stands on VT-x or AMD-V. One in software (module {@code kvm_pvm}) has the same ABI, runs
 * user code natively and interprets supervisor code, at a few million instructions a second, with some instructions
 * missing (CMPXCHG16B, POPCNT, SSE2, INT3, FWAIT, CLAC among others). It interprets many at a time, so that an interrupt can be later
 * by as many; it does not exit when CR8 is lowered. {@link vmhi.kvm.KvmProbe} tells it by what it does.
 */
package vmhi.kvm;
