package vmhi.device.irqchip;

/** An entry of the redirection table of an I/O APIC (82093AA data sheet, section 3.2.4). */
final class Redirection {
	static final long REMOTE_IRR = 1 << 14, MASKED = 1 << 16;

	private static final long LOGICAL = 1 << 11, LEVEL = 1 << 15;
	private static final long BITS = 0xff00_0000_0001_efffL; // but for the delivery status: messages are there at once

	private Redirection() {}

	static int vector(long entry) {
		return (int) entry & 0xff;
	}

	static int mode(long entry) {
		return Delivery.of((int) entry);
	}

	static boolean logical(long entry) {
		return (entry & LOGICAL) != 0;
	}

	static boolean masked(long entry) {
		return (entry & MASKED) != 0;
	}

	static boolean remoteIrr(long entry) {
		return (entry & REMOTE_IRR) != 0;
	}

	static int destination(long entry) {
		return (int) (entry >>> 56);
	}

	/** Whether it is by level; what has no vector, and so no EOI, is by edge whatever the bit says. */
	static boolean byLevel(long entry) {
		return (entry & LEVEL) != 0 && Delivery.hasVector(mode(entry));
	}

	/**
	 * The entry after a write of one half. An entry set to edge forgets that it is in service, which is how guests do an
	 * EOI where there is no register for it.
	 */
	static long written(long entry, boolean high, int value) {
		long next = high ? entry & 0xffff_ffffL | (long) value << 32
				: entry & ~0xffff_ffffL & ~REMOTE_IRR | value & 0xffff_ffffL & ~REMOTE_IRR | entry & REMOTE_IRR;
		return restored(next);
	}

	/** An entry as it can be. */
	static long restored(long entry) {
		return entry & BITS & (byLevel(entry) ? -1 : ~REMOTE_IRR);
	}
}
