package vmhi.softcpu.core;

/**
 * Whether a vCPU may be writing to RAM by its own translations; see {@link Machine}. Belongs to the thread that runs the
 * vCPU, but for what others set.
 */
final class Presence {
	private final Cpu cpu;

	/** Written by the vCPU's thread. */
	volatile boolean inside;
	/** Set by others, cleared by the vCPU's thread. */
	volatile boolean forgetWrites;

	Presence(Cpu cpu) {
		this.cpu = cpu;
	}

	/** Before waiting for others. */
	void leave() {
		inside = false;
	}

	/** From here on translations are used. The order of the two matters: see {@link Machine#forgetWrites}. */
	void enter() {
		inside = true;
		look();
	}

	/** Does what others asked for. */
	void look() {
		if (forgetWrites) {
			cpu.paging.forgetWrites();
			forgetWrites = false;
		}
	}
}
