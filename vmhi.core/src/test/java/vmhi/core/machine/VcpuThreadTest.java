package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.core.Eventually;

@Timeout(60)
class VcpuThreadTest {

	/** Runs until it is stopped, or as the test says. */
	private static class Spinner implements Vcpu {
		private final AtomicBoolean stop = new AtomicBoolean();
		final AtomicLong turns = new AtomicLong();
		final AtomicInteger inside = new AtomicInteger();
		volatile boolean overlapped;

		@Override
		public RunEnd run() throws CpuException {
			if (inside.incrementAndGet() != 1)
				overlapped = true;
			try {
				while (!stop.getAndSet(false)) {
					turns.incrementAndGet();
					RunEnd end = turn();
					if (end != null)
						return end;
				}
				return RunEnd.STOPPED;
			} finally {
				inside.decrementAndGet();
			}
		}

		RunEnd turn() throws CpuException {
			Thread.yield();
			return null;
		}

		@Override
		public void stop() {
			stop.set(true);
		}

		@Override
		public CpuState save() {
			return null;
		}

		@Override
		public void restore(CpuState state) {
			// keeps nothing
		}
	}

	private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
	private final VcpuThread thread = new VcpuThread("m", 3, new VcpuThread.Listener() {
		@Override
		public void shutdown(int vcpu) {
			told.add("shutdown " + vcpu);
		}

		@Override
		public void failed(int vcpu, Throwable cause) {
			told.add("failed " + vcpu + " " + cause.getMessage());
		}
	});

	@BeforeEach
	void start() {
		thread.start();
	}

	@AfterEach
	void end() throws Exception {
		assertTrue(thread.end(deadline()));
	}

	private static long deadline() {
		return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
	}

	private void run(Vcpu vcpu) {
		thread.vcpu(vcpu);
		thread.release();
	}

	@Test
	void nothingRunsWhileItIsHeld() throws Exception {
		Spinner vcpu = new Spinner();
		run(vcpu);
		Eventually.until("it runs", () -> vcpu.turns.get() > 0);
		for (int i = 0; i < 10_000; i++) {
			thread.hold();
			assertTrue(thread.awaitHeld(deadline()));
			assertEquals(0, vcpu.inside.get());
			long before = vcpu.turns.get();
			thread.release();
			if (i % 4 == 0) // else it is held again before it has woken
				while (vcpu.turns.get() == before)
					Thread.onSpinWait();
		}
		long before = vcpu.turns.get();
		Eventually.until("it runs again", () -> vcpu.turns.get() > before);
		assertFalse(vcpu.overlapped);
	}

	@Test
	void holdsOfManyAddUp() throws Exception {
		Spinner vcpu = new Spinner();
		run(vcpu);
		List<Thread> holders = new ArrayList<>();
		AtomicInteger errors = new AtomicInteger();
		for (int i = 0; i < 4; i++) {
			Thread holder = new Thread(() -> {
				try {
					for (int j = 0; j < 2_000; j++) {
						thread.hold();
						if (!thread.awaitHeld(deadline()) || vcpu.inside.get() != 0)
							errors.incrementAndGet();
						thread.release();
					}
				} catch (InterruptedException e) {
					errors.incrementAndGet();
				}
			});
			holders.add(holder);
			holder.start();
		}
		for (Thread holder : holders)
			holder.join();
		assertEquals(0, errors.get());
		long before = vcpu.turns.get();
		Eventually.until("it runs again", () -> vcpu.turns.get() > before);
	}

	@Test
	void aHaltedVcpuIsWokenByEachInterrupt() throws Exception {
		Spinner vcpu = new Spinner() {
			@Override
			RunEnd turn() {
				return RunEnd.HALTED;
			}
		};
		run(vcpu);
		for (int i = 0; i < 5_000; i++) {
			long before = vcpu.turns.get();
			thread.wake();
			Eventually.until("woken", () -> vcpu.turns.get() > before || before == 0);
		}
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()), "a halted one can be held");
	}

	@Test
	void aWakeUpJustBeforeTheHaltIsNotLost() throws Exception {
		CountDownLatch running = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		Spinner vcpu = new Spinner() {
			@Override
			RunEnd turn() {
				running.countDown();
				try {
					go.await();
				} catch (InterruptedException e) {
					throw new IllegalStateException(e);
				}
				return RunEnd.WAITING;
			}
		};
		run(vcpu);
		running.await();
		thread.wake();
		go.countDown();
		Eventually.until("it went on", () -> vcpu.turns.get() >= 2);
	}

	@Test
	void whatItIsToldIsDoneOnItsThread() throws Exception {
		Spinner vcpu = new Spinner();
		run(vcpu);
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()));
		Thread first = thread.call(Thread::currentThread);
		assertEquals("vcpu-3 m", first.getName());
		assertSame(first, thread.call(Thread::currentThread));
		CpuException refused = new CpuException(CpuException.Kind.STATE, "no");
		assertSame(refused, assertThrows(CpuException.class, () -> thread.call(() -> {
			throw refused;
		})));
		assertEquals(CpuException.Kind.HOST, assertThrows(CpuException.class, () -> thread.call(() -> {
			throw new NoClassDefFoundError("a part");
		})).kind());
		thread.interrupt(); // meant for a plug-in that has come back
		assertEquals(5, thread.call(() -> 5));
	}

	@Test
	void whatIsNotWaitedForAnyMoreIsNotDoneLater() throws Exception {
		Spinner vcpu = new Spinner();
		run(vcpu);
		Eventually.until("it runs", () -> vcpu.turns.get() > 0);
		AtomicBoolean done = new AtomicBoolean();
		Thread.currentThread().interrupt();
		assertThrows(InterruptedException.class, () -> thread.call(() -> {
			done.set(true);
			return null;
		}));
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()));
		thread.call(() -> null);
		assertFalse(done.get());
	}

	@Test
	void aShutdownHoldsItUntilItIsUpAgain() throws Exception {
		AtomicBoolean shut = new AtomicBoolean(true);
		Spinner vcpu = new Spinner() {
			@Override
			RunEnd turn() {
				return shut.get() ? RunEnd.SHUTDOWN : null;
			}
		};
		run(vcpu);
		assertEquals("shutdown 3", told.poll(20, TimeUnit.SECONDS));
		assertTrue(thread.awaitHeld(deadline()));
		assertEquals(1, vcpu.turns.get());
		shut.set(false);
		thread.hold();
		thread.up();
		thread.up();
		thread.release();
		Eventually.until("it runs again", () -> vcpu.turns.get() > 1);
	}

	@Test
	void aRunThatFailsIsToldAndHoldsIt() throws Exception {
		run(new Spinner() {
			@Override
			RunEnd turn() throws CpuException {
				throw new CpuException(CpuException.Kind.GUEST, "what is this");
			}
		});
		assertEquals("failed 3 what is this", told.poll(20, TimeUnit.SECONDS));
		assertTrue(thread.awaitHeld(deadline()));
	}

	@Test
	void aBackendThatFailsToStopDoesNotFailWhoHoldsIt() throws Exception {
		Spinner vcpu = new Spinner() {
			@Override
			public void stop() {
				super.stop();
				throw new IllegalStateException("a mistake");
			}
		};
		run(vcpu);
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()));
	}

	@Test
	void aReplacedThreadUnwindsAndTheNextGoesOn() throws Exception {
		CountDownLatch stuck = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		List<Thread> threads = new ArrayList<>();
		Spinner vcpu = new Spinner() {
			@Override
			RunEnd turn() {
				synchronized (threads) {
					threads.add(Thread.currentThread());
					if (threads.size() > 1)
						return RunEnd.HALTED;
				}
				stuck.countDown();
				try {
					go.await();
				} catch (InterruptedException e) {
					throw new IllegalStateException(e);
				}
				throw AbandonedRun.INSTANCE;
			}
		};
		run(vcpu);
		stuck.await();
		thread.replace();
		Eventually.until("another one runs it", () -> vcpu.turns.get() == 2);
		go.countDown();
		threads.get(0).join();
		assertNotSame(threads.get(0), threads.get(1));
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()));
		assertTrue(told.isEmpty());
	}

	@Test
	void anotherVcpuTakesThePlace() throws Exception {
		Spinner first = new Spinner();
		Spinner second = new Spinner();
		run(first);
		Eventually.until("the first runs", () -> first.turns.get() > 0);
		thread.hold();
		assertTrue(thread.awaitHeld(deadline()));
		thread.vcpu(null);
		thread.release();
		long before = first.turns.get();
		thread.hold();
		thread.vcpu(second);
		thread.release();
		Eventually.until("the second runs", () -> second.turns.get() > 0);
		assertEquals(before, first.turns.get());
	}
}
