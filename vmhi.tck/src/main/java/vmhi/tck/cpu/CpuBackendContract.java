package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RCX;
import static vmhi.api.cpu.VcpuContext.RDI;
import static vmhi.api.cpu.VcpuContext.RDX;
import static vmhi.api.cpu.VcpuContext.RSI;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.sun.management.ThreadMXBean;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.DirtySource;
import vmhi.api.memory.GuestMemory;
import vmhi.tck.Contract;
import vmhi.tck.cpu.Bench.Mode;
import vmhi.tck.memory.TestMemory;

/**
 * What every {@link CpuBackend} does, told by guests of a few instructions ({@code Snippets}). The test class of a
 * backend implements this interface and says which backend it is; JUnit then runs these tests along with the backend's
 * own. On a host where the backend is not available they are skipped; where it is {@link Fitness#LIMITED} they are not,
 * since guests as small as these run there.
 */
@Contract(value = "vmhi.api.cpu", version = CpuKind.CONTRACT)
public interface CpuBackendContract {

	/** The backend under test. */
	CpuBackend backend();

	/** RAM for a guest: 16 MiB from address 0 on. */
	default GuestMemory memory() {
		return new TestMemory(16 << 20);
	}

	/** Skips where the host does not let the backend run anything. */
	@BeforeEach
	default void hostHasWhatItTakes() {
		HostVerdict verdict = backend().probe();
		assumeTrue(verdict.fitness() != Fitness.UNAVAILABLE, verdict.summary());
	}

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
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 2)) {
			assertSame(bench.processor.vcpu(0), bench.processor.vcpu(0));
			assertSame(bench.processor.vcpu(1), bench.processor.vcpu(1));
		}
	}

	@Test
	default void processorMayBeClosedTwice() throws Exception {
		Bench bench = bench(Mode.LONG, new ProbeHost(), 1);
		bench.close();
		bench.close();
	}

	@Test
	default void newVcpuIsInTheStateAfterReset() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1)) {
			CpuState state = bench.processor.vcpu(0).save();

			assertEquals(0xfff0, state.general().rip());
			assertEquals(0xffff_0000L, state.system().cs().base());
			assertEquals(0x6000_0010L, state.system().cr0() & 0xe000_003fL);
			assertEquals(0, state.system().efer());
			assertEquals(MpState.RUNNABLE, state.mpState());
		}
	}

	@Test
	default void portIoCarriesSizesAndValues() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x11L, 0x2222L, 0xc333_3333L, 0x44L));
		try (Bench bench = bench(Mode.LONG, host, 1).load(Snippets.PORTS)) {
			CpuState state = bench.execute();

			assertEquals(List.of("in 510 1", "in 510 2", "in 510 4", "out 510 1 21", "out 510 2 4321",
					"out 510 4 87654321", "in 80 1", "out 80 2 4344"), host.seen);
			assertEquals(0xffff_ffff_ffff_ff11L, Bench.register(state, RBX), "IN of a byte leaves the rest of RAX");
			assertEquals(0xffff_ffff_ffff_2222L, Bench.register(state, RCX), "and so does IN of a word");
			assertEquals(0xc333_3333L, Bench.register(state, RSI), "IN of a doubleword clears the upper half");
			assertEquals(0x8765_4344L, Bench.register(state, RDI));
		}
	}

	@Test
	default void stringIoMovesEachElement() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x1122L, 0x3344L));
		try (Bench bench = bench(Mode.LONG, host, 1).load(Snippets.STRINGS)) {
			bench.memory.putInt(Bench.DATA, 0x636261);
			CpuState state = bench.execute();

			assertEquals(List.of("out 510 1 61", "out 510 1 62", "out 510 1 63", "in 510 2", "in 510 2"), host.seen);
			assertEquals(0x3344_1122, bench.memory.getInt(Bench.DATA + 0x10));
			assertEquals(0, Bench.register(state, RCX));
			assertEquals(Bench.DATA + 3, Bench.register(state, RSI));
			assertEquals(Bench.DATA + 0x14, Bench.register(state, RDI));
		}
	}

	@Test
	default void mmioCarriesAddressesSizesAndValues() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x11L, 0x2222L, 0xc333_3333L, 0x8444_4444_4444_4444L));
		try (Bench bench = bench(Mode.LONG, host, 1).load(Snippets.MMIO)) {
			CpuState state = bench.execute();

			assertEquals(List.of("store d0000000 1 88", "store d0000002 2 7788", "store d0000004 4 55667788",
					"store d0000008 8 1122334455667788", "load d0000000 1", "load d0000002 2", "load d0000004 4",
					"load d0000008 8"), host.seen);
			assertEquals(0xffff_ffff_ffff_ff11L, Bench.register(state, RCX));
			assertEquals(0xffff_ffff_ffff_2222L, Bench.register(state, RDX));
			assertEquals(0xc333_3333L, Bench.register(state, RSI));
			assertEquals(0x8444_4444_4444_4444L, Bench.register(state, RDI));
		}
	}

	@Test
	default void codeOfEachWidthRuns() throws Exception {
		widthIs(Mode.USER, Snippets.CONTEXT_64, 64, 3);
		widthIs(Mode.LONG, Snippets.CONTEXT_64, 64, 0);
		widthIs(Mode.PROTECTED, Snippets.CONTEXT_32, 32, 0);
		widthIs(Mode.REAL, Snippets.CONTEXT_16, 16, 0);
	}

	private void widthIs(Mode mode, Code code, int bits, int privilege) throws Exception {
		AtomicInteger found = new AtomicInteger();
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == 0x80)
					found.set(vcpu.codeBits() * 10 + vcpu.privilege());
				super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = bench(mode, host, 1).load(code)) {
			bench.execute();

			assertEquals(bits * 10 + privilege, found.get(), () -> "width and privilege of code in mode " + mode);
		}
	}

	@Test
	default void hostSeesRegistersAndMayChangeThem() throws Exception {
		List<Long> before = new ArrayList<>();
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == 0x80) {
					for (int i = 0; i < 16; i++) {
						before.add(vcpu.register(i));
						if (i != VcpuContext.RSP)
							vcpu.register(i, vcpu.register(i) + 0x1_0000_0001L);
					}
					before.add((long) vcpu.index());
				}
				super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = bench(Mode.LONG, host, 2).load(Snippets.CONTEXT_64)) {
			CpuState start = bench.begin(false);
			List<Long> expected = new ArrayList<>();
			for (int i = 0; i < 16; i++) {
				if (i != VcpuContext.RSP)
					start.general().registers()[i] = 0x1111_2222_3333_4440L + i;
				expected.add(start.general().registers()[i]);
			}
			expected.add(1L);
			Vcpu vcpu = bench.processor.vcpu(1);
			vcpu.restore(start);
			bench.runToEnd(vcpu, 1);
			CpuState after = vcpu.save();

			assertEquals(expected, before);
			for (int i = 0; i < 16; i++)
				if (i != VcpuContext.RSP)
					assertEquals(0x1111_2223_3333_4441L + i, Bench.register(after, i), "register " + i);
		}
	}

	@Test
	default void haltEndsTheRunBehindTheInstruction() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1).load(Snippets.HALT)) {
			Vcpu vcpu = bench.start(0);

			assertEquals(RunEnd.HALTED, Bench.run(vcpu));

			CpuState state = vcpu.save();
			assertEquals(Bench.CODE + 4, state.general().rip());
			assertEquals(1, Bench.register(state, RBX));
		}
	}

	@Test
	default void tripleFaultShutsDown() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1).load(Snippets.FAULT)) {
			assertEquals(RunEnd.SHUTDOWN, Bench.run(bench.start(0)));
		}
	}

	@Test
	default void stopEndsALoopSoon() throws Exception {
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.SPIN)) {
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
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.CONTEXT_64)) {
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
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.SPIN)) {
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
	default void stateComesOutAsItWentIn() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1);
				Processor other = bench.another(new Bench.NoInterrupts())) {
			Vcpu vcpu = bench.start(0);
			CpuState state = vcpu.save();
			Random chance = new Random(2);
			for (int i = 0; i < 16; i++)
				state.general().registers()[i] = chance.nextLong();
			for (int i = 0; i < 4; i++)
				state.debug().dr0to3()[i] = 0x1000L * i + 5;
			for (int i = 160; i < 416; i++)
				state.xsave()[i] = (byte) chance.nextInt();
			state.xsave()[512] |= 3; // XSTATE_BV: x87 and SSE are not in their initial state

			vcpu.restore(state);
			assertEquals(Map.of(), CpuStates.differences(state, vcpu.save()));
			other.vcpu(0).restore(vcpu.save());
			assertEquals(Map.of(), CpuStates.differences(state, other.vcpu(0).save()));
		}
	}

	@Test
	default void partThatIsLeftOutOfAStateStaysAsItIs() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1)) {
			Vcpu vcpu = bench.start(0);
			CpuState state = vcpu.save();
			state.general().registers()[RAX] = 77;

			vcpu.restore(new CpuState(state.general(), null, null, null, null, null, null, null, null, 0));

			assertEquals(Map.of(), CpuStates.differences(state, vcpu.save()));
		}
	}

	@Test
	default void stateThatCannotBeIsRefused() throws Exception {
		try (Bench bench = bench(Mode.LONG, new ProbeHost(), 1)) {
			Vcpu vcpu = bench.start(0);
			CpuState good = vcpu.save();
			CpuState bad = new CpuState(null, null, null, null, null, new byte[100], null, null, null, 0);

			assertEquals(CpuException.Kind.STATE, assertThrows(CpuException.class, () -> vcpu.restore(bad)).kind());

			vcpu.restore(good);
			assertEquals(Map.of(), CpuStates.differences(good, vcpu.save()));
		}
	}

	@Test
	default void runningLoopMovesBetweenTwoProcessors() throws Exception {
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.COUNT);
				Processor other = bench.another(new Bench.NoInterrupts())) {
			Vcpu from = bench.start(0);
			Vcpu to = other.vcpu(0);
			Random chance = new Random(3);
			long count = 0;
			for (int move = 0; move < 100; move++) {
				Thread stopper = stopSoon(from, chance.nextInt(400_000));
				assertEquals(RunEnd.STOPPED, Bench.run(from));
				stopper.join();
				CpuState state = from.save();
				long now = Bench.register(state, RBX);
				assertTrue(now >= count, "the loop went back from " + count + " to " + now);
				assertTrue(now - bench.memory.getLong(Bench.DATA) <= 1);
				count = now;
				to.restore(state);
				Vcpu next = to;
				to = from;
				from = next;
			}
			bench.memory.putByte(Bench.DATA + 8, 1);
			bench.runToEnd(from, 0);
			CpuState end = from.save();
			assertEquals(Bench.register(end, RBX), Bench.register(end, RCX), "what was counted in XMM0 was lost");
			assertEquals(Bench.register(end, RBX), bench.memory.getLong(Bench.DATA));
		}
	}

	@Test
	default void accessIsNotRepeatedWhenTheLoopMovesInTheMiddleOfIt() throws Exception {
		int rounds = 2_000;
		AtomicInteger said = new AtomicInteger();
		AtomicInteger heard = new AtomicInteger();
		ProbeHost host = new ProbeHost() {
			@Override
			public long readPort(VcpuContext vcpu, int port, int size) {
				if (said.get() % 7 == 0)
					Bench.stopRunning();
				return said.getAndIncrement();
			}

			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port != 0x510)
					super.writePort(vcpu, port, size, value);
				else if (heard.incrementAndGet() % 5 == 0)
					Bench.stopRunning();
			}
		};
		try (Bench bench = bench(Mode.USER, host, 1).load(Snippets.CONVERSATION);
				Processor other = bench.another(new Bench.NoInterrupts())) {
			bench.memory.putInt(Bench.DATA, rounds);
			moveUntilEnd(bench, other);

			assertEquals(rounds, said.get());
			assertEquals(rounds, heard.get());
		}
	}

	@Test
	default void mmioIsNotRepeatedWhenTheLoopMovesInTheMiddleOfIt() throws Exception {
		int rounds = 2_000;
		AtomicInteger device = new AtomicInteger();
		ProbeHost host = new ProbeHost() {
			@Override
			public long readMmio(VcpuContext vcpu, long gpa, int size) {
				if (device.get() % 7 == 0)
					Bench.stopRunning();
				return device.get();
			}

			@Override
			public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
				if (device.incrementAndGet() % 5 == 0)
					Bench.stopRunning();
				if (value != device.get())
					seen.add("store of %d, not %d".formatted(value, device.get()));
			}
		};
		try (Bench bench = bench(Mode.USER, host, 1).load(Snippets.MODIFY);
				Processor other = bench.another(new Bench.NoInterrupts())) {
			bench.memory.putInt(Bench.DATA, rounds);
			moveUntilEnd(bench, other);

			assertEquals(List.of(), host.seen);
			assertEquals(rounds, device.get());
		}
	}

	/** Runs the code to its end; each time it stops, and it is made to, it moves to the other processor. */
	private static void moveUntilEnd(Bench bench, Processor other) throws Exception {
		Vcpu from = bench.start(0);
		Vcpu to = other.vcpu(0);
		Random chance = new Random(4);
		for (int move = 0; !bench.host.takeEnd(0); move++) {
			// one of four ends at once: what is under way is completed all the same
			Thread stopper = stopSoon(from, move % 4 == 3 ? 0 : chance.nextInt(400_000));
			RunEnd end = Bench.run(from);
			stopper.join();
			assertEquals(RunEnd.STOPPED, end, () -> bench.host.seen.toString());
			to.restore(from.save());
			Vcpu next = to;
			to = from;
			from = next;
		}
	}

	private static Thread stopSoon(Vcpu vcpu, long nanos) {
		Thread stopper = new Thread(() -> {
			for (long start = System.nanoTime(); System.nanoTime() - start < nanos;)
				Thread.onSpinWait();
			vcpu.stop();
		});
		stopper.start();
		return stopper;
	}

	@Test
	default void vcpusRunAtTheSameTimeOnTheSameRam() throws Exception {
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 2).load(Snippets.SHARE)) {
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
	default void cpuidAnswersFromTheTable() throws Exception {
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.CPUID)) {
			CpuState state = bench.execute();

			assertEquals(Bench.OWN_LEAF.eax(), (int) Bench.register(state, RSI));
			assertEquals(Bench.OWN_LEAF.ebx(), (int) Bench.register(state, RBX));
			assertEquals(Bench.OWN_LEAF.ecx(), (int) Bench.register(state, RCX));
			assertEquals(Bench.OWN_LEAF.edx(), (int) Bench.register(state, RDX));
		}
	}

	@Test
	default void trappedMsrsGoToTheHost() throws Exception {
		ProbeHost host = new ProbeHost() {
			@Override
			public boolean readMsr(VcpuContext vcpu, int index) {
				vcpu.msrValue(0x0123_4567_89ab_cdefL);
				super.readMsr(vcpu, index);
				return true;
			}

			@Override
			public boolean writeMsr(VcpuContext vcpu, int index, long value) {
				super.writeMsr(vcpu, index, value);
				return true;
			}
		};
		try (Bench bench = bench(Mode.LONG, host, 1).load(Snippets.MSRS)) {
			CpuState state = bench.execute();

			assertEquals(List.of("rdmsr 40000f00", "wrmsr 40000f01 1122334455667788"), host.seen);
			assertEquals(0x89ab_cdefL, Bench.register(state, RBX));
			assertEquals(0x0123_4567L, Bench.register(state, RSI));
		}
	}

	@Test
	default void msrThatTheHostRefusesIsAFault() throws Exception {
		ProbeHost host = new ProbeHost();
		try (Bench bench = bench(Mode.LONG, host, 1).load(Snippets.MSRS)) {
			assertEquals(RunEnd.SHUTDOWN, Bench.run(bench.start(0)));
			assertEquals(List.of("rdmsr 40000f00"), host.seen);
		}
	}

	@Test
	default void accessFromTheGuestAllocatesNothing() throws Exception {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM does not count what a thread allocates");
		int count = 2_000;
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port != 0x510)
					super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = bench(Mode.USER, host, 1).load(Snippets.OUTS)) {
			bench.memory.putInt(Bench.DATA, count);
			long least = Long.MAX_VALUE;
			for (int round = 0; round < 6; round++) {
				Vcpu vcpu = bench.start(0);
				long before = threads.getCurrentThreadAllocatedBytes();
				RunEnd end = Bench.run(vcpu);
				least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
				assertEquals(RunEnd.STOPPED, end);
			}
			assertTrue(least < count, least + " bytes for " + count + " accesses");
		}
	}

	@Test
	default void pagesThatTheGuestWroteAreTold() throws Exception {
		try (Bench bench = bench(Mode.USER, new ProbeHost(), 1).load(Snippets.DIRTY)) {
			assumeTrue(bench.processor instanceof DirtySource, "is no DirtySource");
			DirtySource source = (DirtySource) bench.processor;
			source.trackDirty(true);
			bench.execute();

			Set<Long> pages = dirty(source);
			assertTrue(pages.containsAll(Set.of(0x30L, 0x31L, 0x35L)), pages.toString());
			assertFalse(pages.contains(0x33L), "a page between them is told as well");
			assertEquals(Set.of(), dirty(source), "they are told once");

			bench.execute();
			assertTrue(dirty(source).contains(0x30L), "and again when they are written again");
			source.trackDirty(false);
		}
	}

	private static Set<Long> dirty(DirtySource source) {
		Set<Long> pages = new HashSet<>();
		source.collectDirty((gpa, length) -> {
			for (long page = gpa; page < gpa + length; page += GuestMemory.PAGE_SIZE)
				pages.add(page / GuestMemory.PAGE_SIZE);
		});
		return pages;
	}

	@Test
	default void doorbellRingsInsteadOfAnExit() throws Exception {
		ProbeHost host = new ProbeHost();
		try (Bench bench = bench(Mode.USER, host, 1).load(Snippets.BELL)) {
			assumeTrue(bench.processor instanceof Doorbells, "has no Doorbells");
			Semaphore rung = new Semaphore(0);
			AutoCloseable bell = ((Doorbells) bench.processor)
					.doorbell(false, Bench.MMIO + 0x24, 4, false, 0, rung::release);
			bench.execute();

			assertTrue(rung.tryAcquire(10, TimeUnit.SECONDS), "the bell did not ring");
			assertEquals(List.of("store d0000028 4 8"), host.seen);
			bell.close();
			host.seen.clear();
			bench.execute();
			assertEquals(List.of("store d0000024 4 7", "store d0000028 4 8"), host.seen);
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

	private Bench bench(Mode mode, ProbeHost host, int vcpus) throws CpuException {
		return new Bench(backend(), memory(), host, mode, vcpus, false);
	}
}
