package vmhi.core.vdisk;

import java.util.concurrent.CountDownLatch;

/** Where a plug-in hangs until the test lets it go. */
final class Gate {
	private final CountDownLatch entered = new CountDownLatch(1);
	private final CountDownLatch opened = new CountDownLatch(1);

	/** Hangs; an interrupt ends that with an exception. */
	void hang() {
		entered.countDown();
		try {
			opened.await();
		} catch (InterruptedException e) {
			throw new IllegalStateException("interrupted", e);
		}
	}

	/** Hangs, whatever anybody does. */
	void hangForGood() {
		entered.countDown();
		boolean interrupted = false;
		while (opened.getCount() > 0)
			try {
				opened.await();
			} catch (InterruptedException e) {
				interrupted = true;
			}
		if (interrupted)
			Thread.currentThread().interrupt();
	}

	void awaitSomebody() throws InterruptedException {
		entered.await();
	}

	void open() {
		opened.countDown();
	}
}
