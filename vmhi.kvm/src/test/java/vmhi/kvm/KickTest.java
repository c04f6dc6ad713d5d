package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;

class KickTest {
	private static final int KICKS = 10_000;
	private static final int[] JMP_SELF = { 0xeb, 0xfe };

	private final TestHost host = new TestHost();

	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void tenThousandStopsOfAGuestThatDoesNothingElseAreAllSeen(int privilege) throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, JMP_SELF);
			guest.start(guest.vcpu(), privilege);
			Vcpu vcpu = guest.vcpu();
			Semaphore ended = new Semaphore(0);
			CompletableFuture<Void> runs = inThread(() -> {
				for (int i = 0; i < KICKS; i++) {
					assertEquals(RunEnd.STOPPED, vcpu.run());
					ended.release();
				}
			});
			for (int i = 0; i < KICKS; i++) {
				for (int spin = ThreadLocalRandom.current().nextInt(2000); spin > 0; spin--)
					Thread.onSpinWait(); // to meet it before, in and after KVM_RUN
				vcpu.stop();
				assertTrue(ended.tryAcquire(10, TimeUnit.SECONDS), "stop " + i + " was lost");
			}
			runs.get(10, TimeUnit.SECONDS);
		}
	}

	@Test
	void stopFromSeveralThreadsAtOnceEndsTheRunTooWhateverTheRestDoes() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, JMP_SELF);
			guest.start(guest.vcpu(), 3);
			Vcpu vcpu = guest.vcpu();
			for (int round = 0; round < 300; round++) {
				CompletableFuture<Void> a = inThread(vcpu::stop), b = inThread(vcpu::stop);
				assertEquals(RunEnd.STOPPED, vcpu.run());
				a.get();
				b.get();
				vcpu.stop(); // if one of them came after the end of the run it is merged with this
				assertEquals(RunEnd.STOPPED, vcpu.run());
			}
		}
	}

	@Test
	void stopBeforeTheRunEndsItAtOnce() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, JMP_SELF);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().stop();
			guest.vcpu().stop();

			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			assertEquals(Guest.CODE, guest.vcpu().save().general().rip());
		}
	}

	@Test
	void vcpuThatWaitsInTheKernelIsStoppedToo() throws Exception {
		try (Guest guest = Guest.withChips(host, 2)) {
			guest.code(Guest.CODE, 0xf4); // hlt
			guest.start(guest.vcpu(), 0);
			Vcpu waiting = guest.processor.vcpu(1);
			for (Vcpu vcpu : new Vcpu[] { guest.vcpu(), waiting }) {
				CompletableFuture<Void> run = inThread(() -> assertEquals(RunEnd.STOPPED, vcpu.run()));
				Thread.sleep(5); // either way is right; this makes it likely to be there
				vcpu.stop();
				run.get(10, TimeUnit.SECONDS);
			}
		}
	}

	@Test
	void lateStopsAndInterruptsDoNothing() throws Exception {
		Guest guest = Guest.withChips(host, 1);
		guest.close();
		guest.vcpu().stop();
		((KvmChipProcessor) guest.processor).line(4, true);
		((KvmChipProcessor) guest.processor).message(0xfee0_0000L, 0x40);
		guest.processor.close();
	}

	static CompletableFuture<Void> inThread(Action action) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				action.run();
				done.complete(null);
			} catch (Throwable e) {
				done.completeExceptionally(e);
			}
		}, "test");
		thread.setDaemon(true);
		thread.start();
		return done;
	}

	interface Action {
		void run() throws Exception;
	}
}
