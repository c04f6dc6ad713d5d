package vmhi.kvm;

import com.sun.jna.Pointer;

import vmhi.api.cpu.VcpuContext;

/**
 * A vCPU as the core sees it in the middle of an instruction: its registers, over the page that is shared with KVM.
 * <p>
 * General registers come with every exit. Segments are needed seldom and cost a few hundred reads of the processor's
 * state each time, so they are fetched when somebody asks, and from then on come along too, until {@link #PATIENCE}
 * exits in a row went by with nobody asking.
 */
final class KvmContext implements VcpuContext {
	static final int PATIENCE = 256;

	private final int index;
	private final int fd;
	private final KvmRun run;
	private final long sregsAddress;

	/** Exits still to come with segments; 0 when they don't. */
	private int patience;
	private boolean sregsHere;

	KvmContext(int index, int fd, KvmRun run, Pointer page) {
		this.index = index;
		this.fd = fd;
		this.run = run;
		this.sregsAddress = Pointer.nativeValue(page) + KvmRun.SREGS;
	}

	/** To be called at each exit, before the host is. */
	void exited() {
		sregsHere = patience > 0;
		if (sregsHere && --patience == 0)
			run.syncSregs(false);
	}

	@Override
	public int index() {
		return index;
	}

	@Override
	public long register(int number) {
		return run.register(number);
	}

	@Override
	public void register(int number, long value) {
		run.register(number, value);
	}

	@Override
	public int privilege() {
		needSregs();
		return run.privilege();
	}

	@Override
	public int codeBits() {
		needSregs();
		return run.codeBits();
	}

	@Override
	public void msrValue(long value) {
		run.msrData(value);
	}

	private void needSregs() {
		if (!sregsHere) {
			int error = Kvm.request(fd, KvmRequest.GET_SREGS, sregsAddress);
			if (error != 0)
				throw new IllegalStateException("vCPU %d: %s: errno %d".formatted(index, KvmRequest.GET_SREGS, error));
			sregsHere = true;
		}
		if (patience == 0)
			run.syncSregs(true);
		patience = PATIENCE;
	}
}
