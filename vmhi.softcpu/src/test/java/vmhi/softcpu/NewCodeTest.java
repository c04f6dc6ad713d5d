package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.softcpu.SystemGuest.Mode;

/** Two vCPUs come to code that nobody has executed before, as after a machine has got a new processor. */
class NewCodeTest {
	private static final int FIRST = 0x2_0000, LAST = 0xf_0000, PAGE = 4096;
	private static final int TIMES = 50;
	private static final long MOST_MILLIS = 20_000;

	@Test
	void vcpusThatComeToNewPagesAtOnceDoNotWaitForEachOther() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.PROTECTED)) {
			for (int page = FIRST; page < LAST; page += PAGE) { // JMP to the next but one
				guest.memory.putByte(page, (byte) 0xe9);
				guest.memory.putInt(page + 1, 2 * PAGE - 5);
			}
			guest.memory.putByte(LAST, (byte) 0xf4); // HLT
			guest.memory.putByte(LAST + PAGE, (byte) 0xf4);
			for (int i = 0; i < TIMES; i++)
				runBoth(guest);
		}
	}

	private static void runBoth(SystemGuest guest) throws Exception {
		SoftProcessor processor = new SoftProcessor(new CpuSetup("test", guest.memory,
				Collections.nCopies(2, new SoftBackend().supportedCpuid()), List.of(), false), guest.host);
		CountDownLatch both = new CountDownLatch(2);
		ConcurrentLinkedQueue<Object> ends = new ConcurrentLinkedQueue<>();
		Thread[] threads = new Thread[2];
		for (int i = 0; i < 2; i++) {
			Vcpu vcpu = processor.vcpu(i);
			CpuState begin = guest.begin();
			vcpu.restore(new CpuState(new General(begin.general().registers(), FIRST + i * PAGE, 2), begin.system(),
					null, null, null, null, null, CpuState.Events.NONE, MpState.RUNNABLE));
			threads[i] = new Thread(() -> {
				both.countDown();
				try {
					both.await();
					ends.add(vcpu.run());
				} catch (CpuException | InterruptedException e) {
					ends.add(e);
				}
			}, "vcpu-" + i);
			threads[i].setDaemon(true);
			threads[i].start();
		}
		for (Thread thread : threads) {
			thread.join(MOST_MILLIS);
			assertFalse(thread.isAlive(), () -> thread.getName() + " is stuck: " + List.of(thread.getStackTrace()));
		}
		processor.close();
		assertEquals(List.of(RunEnd.HALTED, RunEnd.HALTED), List.copyOf(ends));
	}
}
