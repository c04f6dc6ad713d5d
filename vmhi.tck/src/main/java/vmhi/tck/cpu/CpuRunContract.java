package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.cpu.VcpuContext.RBX;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.tck.Contract;
import vmhi.tck.cpu.Bench.Mode;

/** How a run begins and ends, by the guest, by interrupts and by request. */
@Contract(value = "vmhi.api.cpu", version = CpuKind.CONTRACT)
public interface CpuRunContract extends CpuContract {

	@Test
	default void verdictSaysWhatCanBeRun() throws Exception {
		HostVerdict verdict = backend().probe();

		assertTrue(verdict.maxVcpus() >= 1, verdict.toString());
		assertFalse(verdict.summary().isBlank());
		assertTrue(backend().supportedCpuid().find(0, 0).isPresent());
		assertTrue(backend().supportedCpuid().leaves().stream().noneMatch(leaf -> leaf.leaf() >>> 28 == 4),
				"hypervisor leaves are the core's");
	}

	@Test
	default void processorGivesTheSameVcpuEachTime() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 2)) {
			assertSame(bench.processor.vcpu(0), bench.processor.vcpu(0));
			assertSame(bench.processor.vcpu(1), bench.processor.vcpu(1));
		}
	}

	@Test
	default void processorMayBeClosedTwice() throws Exception {
		Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1);
		bench.close();
		bench.close();
	}

	@Test
	default void haltEndsTheRunBehindTheInstruction() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1).load(Snippets.HALT)) {
			Vcpu vcpu = bench.start(0);

			assertEquals(RunEnd.HALTED, Bench.run(vcpu));

			CpuState state = vcpu.save();
			assertEquals(Bench.CODE + 4, state.general().rip());
			assertEquals(1, Bench.register(state, RBX));
		}
	}

	@Test
	default void tripleFaultShutsDown() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1).load(Snippets.FAULT)) {
			assertEquals(RunEnd.SHUTDOWN, Bench.run(bench.start(0)));
		}
	}

	@Test
	default void stopEndsALoopSoon() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.SPIN)) {
			Vcpu vcpu = bench.start(0);
			long least = Long.MAX_VALUE;
			for (int round = 0; round < 20; round++) {
				AtomicLong asked = new AtomicLong();
				Thread stopper = new Thread(() -> {
					asked.set(System.nanoTime());
					vcpu.stop();
				});
				stopper.start();
				assertEquals(RunEnd.STOPPED, Bench.run(vcpu));
				stopper.join();
				least = Math.min(least, System.nanoTime() - asked.get());
			}
			assertTrue(least < TimeUnit.MILLISECONDS.toNanos(5), "the fastest of 20 stops took " + least + " ns");
		}
	}

	@Test
	default void stopBeforeARunIsNotLostAndCountsOnce() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.CONTEXT_64)) {
			Vcpu vcpu = bench.start(0);
			for (int i = 0; i < 3; i++)
				vcpu.stop();

			assertEquals(RunEnd.STOPPED, Bench.run(vcpu));
			assertEquals(List.of(), bench.host.seen);
			bench.runToEnd(vcpu, 0);
			assertEquals(List.of("out 80 1 0"), bench.host.seen);
		}
	}

	@Test
	default void stopIsNeverLost() throws Exception {
		Semaphore ended = new Semaphore(0);
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.SPIN)) {
			Vcpu vcpu = bench.start(0);
			int rounds = 2_000;
			Thread stopper = new Thread(() -> {
				Random chance = new Random(1);
				for (int i = 0; i < rounds; i++) {
					for (int spin = chance.nextInt(20_000); spin > 0; spin--)
						Thread.onSpinWait();
					vcpu.stop();
					ended.acquireUninterruptibly();
				}
			});
			stopper.start();
			for (int i = 0; i < rounds; i++) {
				assertEquals(RunEnd.STOPPED, Bench.run(vcpu));
				ended.release();
			}
			stopper.join();
		}
	}

	@Test
	default void vcpusRunAtTheSameTimeOnTheSameRam() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 2).load(Snippets.SHARE)) {
			ExecutorService threads = Executors.newFixedThreadPool(2);
			List<Future<?>> runs = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				int index = i;
				runs.add(threads.submit(() -> {
					bench.runToEnd(bench.start(index), index);
					return null;
				}));
			}
			threads.shutdown();
			for (Future<?> run : runs)
				run.get(60, TimeUnit.SECONDS);

			assertEquals(200_000, bench.memory.getInt(Bench.DATA));
		}
	}

	@Test
	default void messageIsDeliveredAsAnInterrupt() throws Exception {
		try (Bench bench = new Bench(backend(), memory(), new ProbeHost(), Mode.LONG, 1, true)) {
			assumeTrue(bench.processor instanceof InterruptController, "brings no InterruptController");
			bench.load(Snippets.WAIT_FOR_INTERRUPT).loadHandler(Snippets.HANDLER);
			Vcpu vcpu = bench.processor.vcpu(0);
			vcpu.restore(bench.begin(true));
			Thread device = new Thread(() -> {
				while (bench.memory.getInt(Bench.DATA) == 0) {
					((InterruptController) bench.processor).message(0xfee0_0000L, Bench.VECTOR);
					Thread.onSpinWait();
				}
			});
			device.setDaemon(true);
			device.start();

			bench.runToEnd(vcpu, 0);

			assertTrue(bench.memory.getInt(Bench.DATA) > 0);
			bench.memory.putInt(Bench.DATA, 1);
			device.join();
		}
	}

	@Test
	default void interruptOfTheBoardsLocalApicIsTaken() throws Exception {
		try (Bench bench = new Bench(backend(), memory(), new ProbeHost(), Mode.LONG, 1, false)) {
			assumeTrue(bench.processor.vcpu(0) instanceof InterruptibleVcpu, "takes no interrupts from the board");
			AtomicInteger waiting = new AtomicInteger();
			InterruptSource localApic = new Bench.NoInterrupts() {
				@Override
				public boolean pending() {
					return waiting.get() > 0;
				}

				@Override
				public int accept() {
					return waiting.getAndSet(0) > 0 ? Bench.VECTOR : -1;
				}
			};
			try (Processor own = bench.another(localApic)) {
				InterruptibleVcpu vcpu = (InterruptibleVcpu) own.vcpu(0);
				bench.load(Snippets.WAIT_WITHOUT_CONTROLLER).loadHandler(Snippets.HANDLER);
				vcpu.restore(bench.begin(true));
				Thread device = new Thread(() -> {
					waiting.set(1);
					vcpu.interruptPending();
				});
				device.start();

				bench.runToEnd(vcpu, 0);

				device.join();
				assertEquals(1, bench.memory.getInt(Bench.DATA));
			}
		}
	}

	@Test
	default void stopEndsTheSleepOfAVcpuThatWaitsForAnInterrupt() throws Exception {
		Semaphore asleep = new Semaphore(0);
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				super.writePort(vcpu, port, size, value);
				asleep.release();
			}
		};
		try (Bench bench = new Bench(backend(), memory(), host, Mode.LONG, 1, true)) {
			bench.load(Snippets.SLEEP);
			Vcpu vcpu = bench.processor.vcpu(0);
			vcpu.restore(bench.begin(true));
			Thread stopper = new Thread(() -> {
				asleep.acquireUninterruptibly();
				vcpu.stop();
			});
			stopper.start();

			RunEnd end = Bench.run(vcpu);
			if (end == RunEnd.HALTED) // such a backend leaves waiting to the core
				end = Bench.run(vcpu);
			stopper.join();
			assertTrue(end == RunEnd.STOPPED || end == RunEnd.HALTED, end.toString());
		}
	}
}
