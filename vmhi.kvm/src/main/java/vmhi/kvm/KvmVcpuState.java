package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Debug;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Msr;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Xcr;

/**
 * Takes all state of one vCPU out of KVM, and puts it in.
 * <p>
 * The order is not free. Going out, the MP state is first, since KVM then acts on INIT and STARTUP messages that wait
 * and changes registers, and events are before the registers (see {@link KvmEvents}). Going in, the segments are first
 * because EFER and the APIC base decide what other parts may hold; the local APIC before the MSRs because its timer
 * mode decides whether the TSC deadline is taken, and the deadline after the TSC; general registers before the events,
 * which KVM forgets when it is given registers; and the MP state last.
 */
final class KvmVcpuState {
	static final int LAPIC_SIZE = 0x400; // KVM_APIC_REG_SIZE
	static final int XSAVE_SIZE = 4096; // and more, if somebody in this process has asked for AMX

	/** Of XSAVE: the legacy area and the header, which are always there. */
	static final int XSAVE_LEAST = 576;

	private static final int DEBUG_EXCEPTION = 1, PAGE_FAULT = 14;

	private static final MpState[] MP_STATES = { MpState.RUNNABLE, MpState.UNINITIALIZED, MpState.INIT_RECEIVED,
			MpState.HALTED, MpState.SIPI_RECEIVED }; // by KVM_MP_STATE_*

	private final KvmFd fd;
	private final KvmMsrs msrs;
	private final int xsaveSize;
	private final KvmRequest getXsave;
	private final boolean apic;

	/** @param apic whether KVM has the local APIC */
	KvmVcpuState(KvmFd vm, KvmFd vcpu, int[] msrs, boolean apic) throws CpuException {
		this.fd = vcpu;
		this.msrs = new KvmMsrs(vcpu, msrs);
		this.apic = apic;
		int xsave2 = vm.extension(KvmCap.XSAVE2);
		xsaveSize = Math.max(XSAVE_SIZE, xsave2);
		getXsave = xsave2 != 0 ? KvmRequest.GET_XSAVE2 : KvmRequest.GET_XSAVE;
	}

	CpuState save() throws CpuException {
		MpState mpState = mpState();
		Events events = events();
		return new CpuState(general(), system(), debug(), msrs.read(), xcrs(), bytes(getXsave, xsaveSize),
				apic ? bytes(KvmRequest.GET_LAPIC, LAPIC_SIZE) : null, events, mpState);
	}

	void restore(CpuState s) throws CpuException {
		check(s);
		Events events = s.events();
		boolean payload = events != null && events.exceptionPayload() != 0;

		if (s.system() != null)
			put("segments and control registers", KvmRequest.SET_SREGS, KvmSregs.write(s.system()));
		if (payload && events.exception() == PAGE_FAULT)
			put("CR2", KvmRequest.SET_SREGS, get(KvmRequest.GET_SREGS, KvmSregs.SIZE).putLong(KvmSregs.CR2,
					events.exceptionPayload()));
		if (s.general() != null)
			put("general registers", KvmRequest.SET_REGS, KvmRegs.write(s.general()));
		if (s.xcrs() != null)
			put("XCRs", KvmRequest.SET_XCRS, KvmXcrs.write(s.xcrs()));
		if (s.xsave() != null)
			put("XSAVE area, XSTATE_BV or MXCSR in it", KvmRequest.SET_XSAVE, Kvm.buffer(xsaveSize).put(0, s.xsave()));
		if (s.debug() != null)
			put("debug registers", KvmRequest.SET_DEBUGREGS, KvmDebugRegs.write(s.debug()));
		if (payload && events.exception() == DEBUG_EXCEPTION)
			put("DR6", KvmRequest.SET_DEBUGREGS, get(KvmRequest.GET_DEBUGREGS, KvmDebugRegs.SIZE)
					.putLong(KvmDebugRegs.DR6, events.exceptionPayload()));
		if (s.localApic() != null)
			put("local APIC", KvmRequest.SET_LAPIC, Kvm.buffer(LAPIC_SIZE).put(0, s.localApic(), 0, LAPIC_SIZE));
		if (s.msrs() != null)
			msrs.write(deadlineLast(s.msrs()));
		if (events != null)
			put("events", KvmRequest.SET_VCPU_EVENTS, KvmEvents.write(events));
		if (s.mpState() != null && apic) // else whoever has the APIC keeps that, too
			put("MP state", KvmRequest.SET_MP_STATE, Kvm.buffer(4).putInt(0, kvmMpState(s.mpState())));
	}

	private General general() throws CpuException {
		return KvmRegs.read(get(KvmRequest.GET_REGS, KvmRegs.SIZE));
	}

	private SystemRegisters system() throws CpuException {
		return KvmSregs.read(get(KvmRequest.GET_SREGS, KvmSregs.SIZE));
	}

	private Debug debug() throws CpuException {
		return KvmDebugRegs.read(get(KvmRequest.GET_DEBUGREGS, KvmDebugRegs.SIZE));
	}

	private List<Xcr> xcrs() throws CpuException {
		return KvmXcrs.read(get(KvmRequest.GET_XCRS, KvmXcrs.SIZE));
	}

	private Events events() throws CpuException {
		ByteBuffer events = get(KvmRequest.GET_VCPU_EVENTS, KvmEvents.SIZE);
		if (KvmEvents.inSmm(events))
			throw new CpuException(Kind.STATE, "the guest is in system management mode, which a CpuState can't hold: "
					+ "let it run on and try again");
		return KvmEvents.read(events);
	}

	private MpState mpState() throws CpuException {
		int state = get(KvmRequest.GET_MP_STATE, 4).getInt(0);
		if (Integer.compareUnsigned(state, MP_STATES.length) >= 0)
			throw new CpuException(Kind.STATE, "KVM_MP_STATE %d is none that a CpuState can hold".formatted(state));
		return MP_STATES[state];
	}

	static int kvmMpState(MpState state) {
		return List.of(MP_STATES).indexOf(state);
	}

	/** What KVM would not notice, or would take for something else. */
	private void check(CpuState s) throws CpuException {
		if (s.general() != null)
			length("general registers", s.general().registers().length, KvmRegs.COUNT, KvmRegs.COUNT);
		if (s.debug() != null)
			length("debug registers", s.debug().dr0to3().length, KvmDebugRegs.COUNT, KvmDebugRegs.COUNT);
		if (s.xcrs() != null)
			length("XCRs", s.xcrs().size(), 0, KvmXcrs.MOST);
		if (s.xsave() != null)
			length("bytes of the XSAVE area", s.xsave().length, XSAVE_LEAST, xsaveSize);
		if (s.localApic() != null)
			length("bytes of the local APIC", s.localApic().length, LAPIC_SIZE, 4096);
		if (s.localApic() != null && !apic)
			throw new CpuException(Kind.STATE, "the state has a local APIC, but this processor was made without: "
					+ "it belongs to the board's");
	}

	private static void length(String what, int is, int least, int most) throws CpuException {
		if (is < least || is > most)
			throw new CpuException(Kind.STATE, "%d %s, not %d..%d".formatted(is, what, least, most));
	}

	private static List<Msr> deadlineLast(List<Msr> msrs) {
		List<Msr> sorted = new ArrayList<>(msrs);
		sorted.sort((a, b) -> Boolean.compare(a.index() == KvmMsrs.TSC_DEADLINE, b.index() == KvmMsrs.TSC_DEADLINE));
		return sorted;
	}

	private ByteBuffer get(KvmRequest request, int size) throws CpuException {
		ByteBuffer buffer = Kvm.buffer(size);
		fd.call(request, buffer);
		return buffer;
	}

	private byte[] bytes(KvmRequest request, int size) throws CpuException {
		byte[] bytes = new byte[size];
		get(request, size).get(0, bytes);
		return bytes;
	}

	private void put(String part, KvmRequest request, ByteBuffer value) throws CpuException {
		try {
			fd.call(request, value);
		} catch (CpuException e) {
			throw new CpuException(Kind.STATE, "%s refused: %s".formatted(part, e.getMessage()), e);
		}
	}
}
