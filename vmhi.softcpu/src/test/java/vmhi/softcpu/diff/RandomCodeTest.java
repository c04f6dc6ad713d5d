package vmhi.softcpu.diff;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import com.sun.jna.Pointer;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;

class RandomCodeTest {
	private static final int COUNT = 20_000, HANG_MILLIS = 10_000;

	@Test
	void softwareSurvivesRandomCode() throws InterruptedException {
		Optional<CpuBackend> tested = Backends.soft();
		assumeTrue(tested.isPresent(), "no software backend");
		long count = Long.getLong("vmhi.random.count", COUNT);
		assertNull(new RandomCode(tested.get(), HANG_MILLIS).run(Long.getLong("vmhi.random.seed", 1), 0, count));
	}

	@Test
	void aJavaExceptionIsFound() throws InterruptedException {
		String failure = new RandomCode(new Broken(() -> {
			throw new ArrayIndexOutOfBoundsException(42);
		}), HANG_MILLIS).run(1, 0, 3);
		assertNotNull(failure);
		assertTrue(failure.contains("ArrayIndexOutOfBounds") && failure.contains("1:0"), failure);
	}

	@Test
	void aRunThatDoesNotStopIsFound() throws InterruptedException {
		CountDownLatch never = new CountDownLatch(1);
		String failure = new RandomCode(new Broken(() -> {
			try {
				never.await();
			} catch (InterruptedException e) {
				throw new IllegalStateException(e);
			}
		}), 100).run(1, 0, 3);
		never.countDown();
		assertTrue(failure != null && failure.startsWith("does not end"), failure);
	}

	@Test
	void aWriteBeforeOrBehindRamIsFound() {
		GuardedMemory memory = new GuardedMemory(1 << 16);
		assertTrue(memory.isIntact());
		memory.putLong(0, -1);
		memory.putLong((1 << 16) - 8, -1);
		memory.putLong((1 << 16) - 4, -1);
		assertTrue(memory.isIntact());
		Pointer host = new Pointer(memory.regions().get(0).hostAddress());
		host.setByte(1 << 16, (byte) 1);
		assertTrue(!memory.isIntact());
	}

	/** A backend whose runs do one thing, and halt. */
	private record Broken(Runnable inRun) implements CpuBackend, Processor, Vcpu {

		@Override
		public HostVerdict probe() {
			return new HostVerdict(HostVerdict.Fitness.LIMITED, "broken", 1, List.of());
		}

		@Override
		public CpuidTable supportedCpuid() {
			return new CpuidTable(List.of());
		}

		@Override
		public Processor create(CpuSetup setup, CpuHost host) {
			return this;
		}

		@Override
		public Vcpu vcpu(int index) {
			return this;
		}

		@Override
		public RunEnd run() {
			inRun.run();
			return RunEnd.HALTED;
		}

		@Override
		public void stop() {
			// does not care
		}

		@Override
		public CpuState save() {
			return null;
		}

		@Override
		public void restore(CpuState state) {
			// does not care
		}

		@Override
		public void close() {
			// nothing to give back
		}
	}
}
