package vmhi.core.machine;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.InterruptController;
import vmhi.api.device.InterruptLine;

/**
 * The interrupt lines of one machine, between the devices and whatever interrupt controller there is now. While there is
 * none, because the CPU backend is being exchanged, levels and messages are kept for the next.
 */
final class InterruptLines {
	static final int LINES = 256;
	/** More than this many messages while nobody takes them are dropped: a device that sends so many sends the same. */
	private static final int MOST_KEPT = 4096;

	private final int[] asserted = new int[LINES]; // number of devices that assert it; guarded by this
	private final boolean[] told = new boolean[LINES]; // what the controllers were told last; guarded by this
	private final List<Message> kept = new ArrayList<>();
	private InterruptController controller; // guarded by this

	private record Message(long address, int data) {}

	/** A device's end of a line. */
	InterruptLine line(int gsi) {
		return new InterruptLine() {
			private boolean level;

			@Override
			public void set(boolean assertedNow) {
				synchronized (InterruptLines.this) {
					if (level == assertedNow)
						return;
					level = assertedNow;
					asserted[gsi] += assertedNow ? 1 : -1;
					tell(gsi);
				}
			}
		};
	}

	private void tell(int gsi) {
		if (controller == null || told[gsi] == asserted[gsi] > 0)
			return;
		told[gsi] = asserted[gsi] > 0;
		controller.line(gsi, told[gsi]);
	}

	/** With the lock, so that a controller that was taken off is not called any more. */
	synchronized void message(long address, int data) {
		if (controller != null)
			controller.message(address, data);
		else if (kept.size() < MOST_KEPT)
			kept.add(new Message(address, data));
	}

	/**
	 * Another controller takes over; {@code null} for none for now. It gets the levels as they are, also those that fell
	 * meanwhile: the state it goes on with may have them asserted.
	 */
	synchronized void controller(InterruptController next) {
		controller = next;
		if (next == null)
			return;
		for (int gsi = 0; gsi < LINES; gsi++)
			if (asserted[gsi] > 0) {
				told[gsi] = true;
				next.line(gsi, true);
			} else {
				tell(gsi);
			}
		kept.forEach(message -> next.message(message.address, message.data));
		kept.clear();
	}

	synchronized InterruptController controller() {
		return controller;
	}
}
