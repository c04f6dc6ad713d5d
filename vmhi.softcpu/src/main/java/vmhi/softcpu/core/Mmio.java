package vmhi.softcpu.core;

/**
 * Accesses outside RAM, which go to the host. The instruction is then alone in its block, so that {@link Cpu#rip} is
 * exact while the host is called. Belongs to the thread that runs the vCPU.
 * <p>
 * The core may give up the thread during such a call, and go on with another one that runs the vCPU anew
 * ({@link vmhi.api.cpu.AbandonedRun}). The instruction is then done again from its beginning, with the answers that
 * there were; the call that did not come back counts as answered.
 */
final class Mmio {
	/** Answers that are kept. Of an instruction that makes more accesses, as XSAVE can, the last are made again. */
	private static final int MOST = 64;

	private final Cpu c;
	/** Answers in the instruction in progress; how many there are, and how many of them it has had. */
	private final long[] answers = new long[MOST];
	private int count, given;
	/** The instruction in progress may access the host. */
	private boolean allowed;
	/** All else that it does is done, so that it is not done again if this access does not come back. */
	private boolean last;

	Mmio(Cpu c) {
		this.c = c;
	}

	/** Before an instruction that is alone. */
	void begin() {
		allowed = true;
		last = false;
		count = given = 0;
	}

	/** Before the last access of an instruction that is alone, and that registers and RIP are behind already. */
	void beginLast() {
		begin();
		last = true;
	}

	/** After it, however it ended. */
	void end() {
		allowed = false;
		count = 0;
	}

	/** A thread was given up within an instruction: it is done again. */
	boolean abandoned() {
		given = 0;
		if (last)
			end();
		return allowed && count > 0;
	}

	long read(long gpa, int size) {
		if (given < count)
			return answers[given++] & -1L >>> 64 - 8 * size;
		int mine = take();
		c.presence.leave();
		long value = c.machine.host.readMmio(c.context, gpa, size) & -1L >>> 64 - 8 * size;
		c.presence.enter();
		answers[mine] = value;
		return value;
	}

	void write(long gpa, int size, long value) {
		if (given < count) {
			given++;
			return;
		}
		take();
		c.presence.leave();
		c.machine.host.writeMmio(c.context, gpa, size, value);
		c.presence.enter();
	}

	/** Before an instruction changes anything: has it done anew, alone, if it may not access the host as it is. */
	void reach() {
		if (!allowed)
			throw c.again();
	}

	private int take() {
		reach();
		if (count == MOST)
			count = given = MOST - 1;
		answers[count] = -1;
		count++;
		return given++;
	}
}
