package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.VcpuContext;

class DoorbellTest {
	private static final int BELL = 0xe5;

	private final TestHost host = new TestHost();
	private final Semaphore rung = new Semaphore(0);

	@Test
	void writeRingsOnAnotherThreadAndDoesNotReachTheHost() throws Exception {
		try (Guest guest = Guest.of(host)) {
			Thread[] by = new Thread[1];
			bells(guest).doorbell(true, BELL, 4, false, 0, () -> {
				by[0] = Thread.currentThread();
				rung.release();
			});
			bells(guest).doorbell(false, Guest.MMIO + 0x50, 0, false, 0, rung::release);
			guest.code(Guest.CODE,
					0xe7, BELL, // out BELL, eax
					0xe6, BELL, // out BELL, al: another size
					0x89, 0x43, 0x50, // mov [rbx+0x50], eax
					0x88, 0x43, 0x50, // mov [rbx+0x50], al: any size
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RBX] = Guest.MMIO);
			guest.vcpu().run();

			assertTrue(rung.tryAcquire(2, 10, TimeUnit.SECONDS));
			assertFalse(Thread.currentThread().equals(by[0]));
			assertEquals(List.of("out e5/1 0"), host.seen);
		}
	}

	@Test
	void onlyTheValueAskedForRings() throws Exception {
		try (Guest guest = Guest.of(host)) {
			AtomicInteger one = new AtomicInteger(), two = new AtomicInteger();
			AutoCloseable first = bells(guest).doorbell(true, BELL, 1, true, 1, one::incrementAndGet);
			AutoCloseable second = bells(guest).doorbell(true, BELL, 1, true, 2, two::incrementAndGet);
			guest.code(Guest.CODE,
					0xb0, 0x02, // mov al, 2
					0xe6, BELL, // out BELL, al
					0xb0, 0x03, // mov al, 3
					0xe6, BELL, // out BELL, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();
			first.close();
			second.close();

			assertEquals(0, one.get());
			assertEquals(1, two.get());
			assertEquals(List.of("out e5/1 3"), host.seen);
		}
	}

	/** The thread of the bells is busy with another, so that only closing can have rung. */
	@Test
	void whatWasWrittenHasRungWhenTheDoorbellIsClosedAndNothingRingsAfterwards() throws Exception {
		try (Guest guest = Guest.of(host)) {
			CountDownLatch busy = new CountDownLatch(1), free = new CountDownLatch(1);
			bells(guest).doorbell(true, BELL + 1, 1, false, 0, () -> {
				busy.countDown();
				await(free);
			});
			AutoCloseable bell = bells(guest).doorbell(true, BELL, 1, false, 0, rung::release);
			guest.code(Guest.CODE,
					0xe6, BELL + 1, // out BELL + 1, al
					0xe6, Guest.STOP,
					0xe6, BELL, // out BELL, al
					0xe6, Guest.STOP,
					0xe6, BELL, // out BELL, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();
			await(busy);
			guest.vcpu().run();
			assertEquals(0, rung.availablePermits());
			bell.close();
			assertEquals(1, rung.availablePermits());

			free.countDown();
			guest.vcpu().run();
			bell.close();
			assertEquals(1, rung.availablePermits());
			assertEquals(List.of("out e5/1 0"), host.seen);
		}
	}

	@Test
	void bellThatFailsLeavesTheOthersAlone() throws Exception {
		try (Guest guest = Guest.of(host)) {
			bells(guest).doorbell(true, BELL, 1, false, 0, () -> {
				throw new IllegalStateException("a test: this is in the log");
			});
			bells(guest).doorbell(true, BELL + 1, 1, false, 0, rung::release);
			guest.code(Guest.CODE,
					0xe6, BELL, // out BELL, al
					0xe6, BELL + 1, // out BELL + 1, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();

			assertTrue(rung.tryAcquire(10, TimeUnit.SECONDS));
		}
	}

	@Test
	void doorbellMayCloseItselfWhenItRings() throws Exception {
		try (Guest guest = Guest.of(host)) {
			AutoCloseable[] bell = new AutoCloseable[1];
			bell[0] = bells(guest).doorbell(true, BELL, 1, false, 0, () -> {
				try {
					bell[0].close();
				} catch (Exception e) {
					throw new IllegalStateException(e);
				}
				rung.release();
			});
			guest.code(Guest.CODE,
					0xe6, BELL, // out BELL, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();

			assertTrue(rung.tryAcquire(10, TimeUnit.SECONDS));
		}
	}

	@Test
	void secondDoorbellForTheSameWritesIsRefused() throws Exception {
		try (Guest guest = Guest.of(host)) {
			bells(guest).doorbell(true, BELL, 1, false, 0, rung::release);

			CpuException refusal = assertThrows(CpuException.class,
					() -> bells(guest).doorbell(true, BELL, 1, false, 0, rung::release));
			assertTrue(refusal.getMessage().startsWith("doorbell at port 0xe5 of test: KVM_IOEVENTFD: "),
					refusal::getMessage);
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			assertTrue(latch.await(10, TimeUnit.SECONDS));
		} catch (InterruptedException e) {
			throw new IllegalStateException(e);
		}
	}

	private static Doorbells bells(Guest guest) {
		return (Doorbells) guest.processor;
	}
}
