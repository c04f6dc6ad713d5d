package vmhi.core.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.cpu.VcpuContext.R10;
import static vmhi.api.cpu.VcpuContext.R8;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RCX;
import static vmhi.api.cpu.VcpuContext.RDI;
import static vmhi.api.cpu.VcpuContext.RDX;
import static vmhi.api.cpu.VcpuContext.RSI;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.VersionRange;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.RangeProvider;
import vmhi.api.hypercall.Status;
import vmhi.core.Eventually;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.Pools;
import vmhi.core.plugin.ServicePool;
import vmhi.tck.device.TestVcpu;

@Timeout(60)
class DispatcherTest {
	private static final int OWNER = 0x21;
	private static final String ROLE = "hypercall:scripted";
	private static final long DIRT = 0xdead_beef_0000_0000L;

	private final FakeMachine machine = new FakeMachine();
	private final ServicePool<RangeProvider> pool = new ServicePool<>();
	private VersionRange pin;
	private final Dispatcher dispatcher = new Dispatcher(machine, pool, role -> pin);
	private final TestVcpu vcpu = new TestVcpu(0);
	private final ExecutorService threads = Executors.newCachedThreadPool();

	@AfterEach
	void end() {
		dispatcher.close();
		threads.shutdownNow();
	}

	private ScriptedRange bind(ScriptedRange.Script script) {
		ScriptedRange range = new ScriptedRange(OWNER, 0, 0, script);
		Pools.add(pool, ROLE, "1.0.0", range);
		dispatcher.open();
		return range;
	}

	private long call(int owner, int function) {
		return call(vcpu, owner, function);
	}

	private long call(TestVcpu caller, int owner, int function) {
		caller.registers[RAX] = owner << 16 | function;
		dispatcher.write(caller, 0, 4, caller.registers[RAX]);
		return caller.registers[RAX];
	}

	@Test
	void code64BitsPassesWholeRegisters() {
		List<Long> seen = new ArrayList<>();
		bind((function, call) -> {
			for (int i = 0; i < 5; i++)
				seen.add(call.argument(i));
			call.value(0, -2);
			call.value(1, Long.MIN_VALUE);
			return Status.PARTIAL;
		});
		long[] before = new long[16];
		for (int i = 0; i < before.length; i++)
			before[i] = vcpu.registers[i] = DIRT + i;
		vcpu.registers[RAX] = DIRT | OWNER << 16 | ScriptedRange.KERNEL;
		dispatcher.call(vcpu);

		assertEquals(List.of(DIRT + RDI, DIRT + RSI, DIRT + RDX, DIRT + R10, DIRT + R8), seen);
		before[RAX] = Status.PARTIAL;
		before[RDX] = -2;
		before[R10] = Long.MIN_VALUE;
		assertEquals(Arrays.toString(before), Arrays.toString(vcpu.registers));
	}

	@Test
	void code32BitsPassesLowHalvesAndGetsThemBackWithHighHalvesClear() {
		List<Long> seen = new ArrayList<>();
		bind((function, call) -> {
			for (int i = 0; i < 5; i++)
				seen.add(call.argument(i));
			call.value(0, -2);
			call.value(1, DIRT | 7);
			return Status.BUSY;
		});
		vcpu.codeBits = 32;
		Arrays.setAll(vcpu.registers, i -> DIRT | 0xffff_fff0L + i);
		vcpu.registers[RAX] = DIRT | OWNER << 16 | ScriptedRange.KERNEL;
		dispatcher.call(vcpu);

		assertEquals(List.of(0xffff_fff0L + RBX, 0xffff_fff0L + RCX, 0xffff_fff0L + RDX, 0xffff_fff0L + RSI,
				0xffff_fff0L + RDI), seen);
		assertEquals(Status.BUSY & 0xffff_ffffL, vcpu.registers[RAX]);
		assertEquals(0xffff_fffeL, vcpu.registers[RDX]);
		assertEquals(7, vcpu.registers[RCX]);
		assertEquals(DIRT | 0xffff_fff0L + R10, vcpu.registers[R10]);
	}

	@Test
	void aNegativeStatusComesBackSignExtended() {
		bind((function, call) -> Status.TOO_BIG);
		assertEquals(Status.TOO_BIG, call(OWNER, ScriptedRange.KERNEL));
	}

	@Test
	void code16BitsIsRefused() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		vcpu.codeBits = 16;
		assertEquals(Status.INVALID, (int) call(OWNER, ScriptedRange.KERNEL));
		assertEquals(0, range.last.calls.get());
	}

	@Test
	void aRangeOrFunctionThatIsNotThereHasAStatusOfItsOwn() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		assertEquals(Status.NO_RANGE, call(OWNER + 1, ScriptedRange.KERNEL));
		for (int function : new int[] { 0, 2, 63, 65, 0xfeff, 0xff04, 0xffff })
			assertEquals(Status.NO_FUNCTION, call(OWNER, function), "function " + function);
		assertEquals(0, range.last.calls.get());
	}

	@Test
	void aUserProgramMayCallWhatIsOpenToItAndLearnsNothingOfTheRest() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		vcpu.privilege = 3;
		assertEquals(Status.OK, call(OWNER, ScriptedRange.USER));
		for (int[] which : new int[][] { { OWNER, ScriptedRange.KERNEL }, { OWNER, 5 }, { OWNER + 1, 1 },
				{ OWNER, Abi.FUNCTION_UUID }, { OWNER, 0xffff } })
			assertEquals(Status.DENIED, call(which[0], which[1]), "%#x".formatted(which[1]));
		assertEquals(1, range.last.calls.get());
	}

	@Test
	void whatARangeIsIsAnsweredWithoutItsHandler() {
		ScriptedRange range = new ScriptedRange(OWNER, 7, 5000, (function, call) -> Status.OK);
		Pools.add(pool, ROLE, "1.0.0", range);
		dispatcher.open();
		assertEquals(Status.OK, call(OWNER, Abi.FUNCTION_UUID));
		assertEquals(ScriptedRange.ID, new UUID(vcpu.registers[R10], vcpu.registers[RDX]));
		assertEquals(Status.OK, call(OWNER, Abi.FUNCTION_REVISION));
		assertEquals(1 << 16 | 7, vcpu.registers[RDX]);
		assertEquals(Status.OK, call(OWNER, Abi.FUNCTION_LIMITS));
		assertEquals(5000, vcpu.registers[RDX]);
		long[][] words = { { 0, 1L << 1 }, { 1, 1 }, { 2, 0 }, { -1, 0 }, { Long.MAX_VALUE, 0 },
				{ Long.MIN_VALUE, 0 }, { 1L << 32, 0 } };
		for (long[] word : words) {
			vcpu.registers[RDI] = word[0];
			assertEquals(Status.OK, call(OWNER, Abi.FUNCTION_FEATURES));
			assertEquals(word[1], vcpu.registers[RDX], "word " + word[0]);
		}
		assertEquals(0, range.last.calls.get());
	}

	@Test
	void moreCallsThanARangeTakesAreToldWhenToTryAgain() {
		ScriptedRange range = new ScriptedRange(OWNER, 0, 10, (function, call) -> Status.OK);
		Pools.add(pool, ROLE, "1.0.0", range);
		dispatcher.open();
		int served = 0;
		while (call(OWNER, ScriptedRange.KERNEL) == Status.OK)
			assertTrue(++served < 1000, "no limit");
		assertTrue(served >= 10, "a second's worth at once, not " + served);
		assertEquals(Status.LIMITED, vcpu.registers[RAX]);
		assertTrue(vcpu.registers[RDX] >= 1 && vcpu.registers[RDX] <= 1_000_000, vcpu.registers[RDX] + " µs");
		assertEquals(served, range.last.calls.get());
	}

	@Test
	void whatAHandlerThrowsIsTheGuestsInternalErrorAndTooManySuspendIt() throws Exception {
		ScriptedRange range = bind((function, call) -> {
			throw new NoSuchMethodError("of another version");
		});
		for (int i = 0; i < 10; i++)
			assertEquals(Status.INTERNAL, call(OWNER, ScriptedRange.KERNEL));
		Eventually.until("suspended", () -> machine.reports.contains("plugin.suspended"));
		Eventually.until("closed", () -> range.last.closed);
		assertEquals(Status.NOT_AVAILABLE, call(OWNER, ScriptedRange.KERNEL));
		assertEquals(10, range.last.calls.get());
		assertEquals(10, machine.reports.stream().filter("plugin.fault"::equals).count());
	}

	@Test
	void nothingOfAFailedCallIsWritten() {
		bind((function, call) -> {
			call.memory().copyOut(0x1000, new byte[] { 1, 2, 3 });
			if (function == ScriptedRange.USER)
				throw new IllegalStateException();
			return (int) call.argument(0);
		});
		for (int status : new int[] { Status.BUSY, Status.INVALID }) {
			vcpu.registers[RDI] = status;
			call(OWNER, ScriptedRange.KERNEL);
			assertEquals(0, machine.memory.getByte(0x1000));
		}
		call(OWNER, ScriptedRange.USER);
		assertEquals(0, machine.memory.getByte(0x1000));
		vcpu.registers[RDI] = Status.AGAIN;
		call(OWNER, ScriptedRange.KERNEL);
		assertEquals(0x0302_01, machine.memory.getInt(0x1000));
	}

	@Test
	void aRangeWithoutItsBundleSaysWhenToTryAgain() {
		ScriptedRange range = new ScriptedRange(OWNER, 0, 0, (function, call) -> Status.OK);
		Plugin<RangeProvider> plugin = Pools.add(pool, ROLE, "1.0.0", range);
		dispatcher.open();
		Pools.remove(pool, plugin);
		assertTrue(range.last.closed);
		vcpu.registers[RDX] = 0;
		assertEquals(Status.NOT_AVAILABLE, call(OWNER, ScriptedRange.KERNEL));
		assertEquals(10, vcpu.registers[RDX]);
		assertEquals(List.of(), dispatcher.serving());
		assertFalse(range.host.ranges().get(0).available());
		vcpu.privilege = 3;
		assertEquals(Status.DENIED, call(OWNER, ScriptedRange.KERNEL));
		vcpu.privilege = 0;
		Pools.add(pool, plugin);
		assertEquals(Status.OK, call(OWNER, ScriptedRange.KERNEL));
	}

	@Test
	void anOlderBundleDoesNotTakeOverAndOneThatCannotStandInIsNotTaken() {
		ScriptedRange first = new ScriptedRange(OWNER, 2, 0, (function, call) -> 100);
		Plugin<RangeProvider> plugin = Pools.add(pool, ROLE, "2.0.0", first);
		dispatcher.open();
		Pools.add(pool, ROLE, "1.0.0", new ScriptedRange(OWNER, 2, 0, (function, call) -> 101));
		Pools.add(pool, ROLE, "3.0.0", new ScriptedRange(OWNER, 1, 0, (function, call) -> 102));
		Pools.add(pool, ROLE, "4.0.0", new ScriptedRange(ScriptedRange.ID, OWNER, 2, 2, 0, (function, call) -> 103));
		assertEquals(100, call(OWNER, ScriptedRange.KERNEL));
		Pools.remove(pool, plugin);
		assertEquals(101, call(OWNER, ScriptedRange.KERNEL), "of those left, the one that can stand in");
	}

	@Test
	void aPinnedMachineDoesNotTakeAnotherVersion() {
		pin = new VersionRange("[1,2)");
		bind((function, call) -> 1);
		Pools.add(pool, ROLE, "2.0.0", new ScriptedRange(OWNER, 0, 0, (function, call) -> 2));
		assertEquals(1, call(OWNER, ScriptedRange.KERNEL));
	}

	@Test
	void rangesWithoutAStandardNumberGetDynamicOnesAndNoTwoTheSame() {
		for (int i = 0; i < 3; i++)
			Pools.add(pool, ROLE + i, "1.0.0",
					new ScriptedRange(new UUID(1, i), -1, 1, 0, 0, (function, call) -> Status.OK));
		ScriptedRange range = bind((function, call) -> Status.OK);
		assertEquals(List.of(OWNER, 0x8000, 0x8001, 0x8002),
				range.host.ranges().stream().map(bound -> bound.owner()).toList());
		Pools.add(pool, "hypercall:thief", "1.0.0",
				new ScriptedRange(new UUID(2, 2), OWNER, 1, 0, 0, (function, call) -> 77));
		assertEquals(Status.OK, call(OWNER, ScriptedRange.KERNEL));
		assertEquals(4, range.host.ranges().size());
	}

	@Test
	void aBundleThatDoesNotOpenIsReportedAndTheNextOneTaken() {
		ScriptedRange bad = new ScriptedRange(OWNER, 0, 0, (function, call) -> Status.OK);
		bad.refusal = new IllegalStateException("not today");
		Pools.add(pool, ROLE, "1.0.0", bad);
		dispatcher.open();
		assertEquals(Status.NO_RANGE, call(OWNER, ScriptedRange.KERNEL));
		Pools.add(pool, ROLE, "2.0.0", new ScriptedRange(OWNER, 0, 0, (function, call) -> Status.OK));
		assertEquals(Status.OK, call(OWNER, ScriptedRange.KERNEL));
	}

	@Test
	void aNewerBundleThatDoesNotOpenLeavesTheOlderOneAtWork() {
		bind((function, call) -> Status.OK);
		ScriptedRange bad = new ScriptedRange(OWNER, 0, 0, (function, call) -> 5);
		bad.refusal = new IllegalStateException("not today");
		Pools.add(pool, ROLE, "2.0.0", bad);
		assertEquals(Status.OK, call(OWNER, ScriptedRange.KERNEL));
	}

	@Test
	void theGenerationRisesWithEachChangeOfRanges() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		int before = range.host.generation();
		ScriptedRange next = new ScriptedRange(OWNER, 0, 0, (function, call) -> Status.OK);
		Plugin<RangeProvider> plugin = Pools.add(pool, ROLE, "2.0.0", next);
		int between = next.host.generation();
		assertTrue(between > before);
		Pools.remove(pool, plugin);
		assertTrue(next.host.generation() > between);
	}

	@Test
	void everyCallHasOneAnswerWhileHandlersAreExchanged() throws Exception {
		AtomicLong served = new AtomicLong();
		ScriptedRange.Script nop = (function, call) -> {
			call.value(0, call.argument(0));
			served.incrementAndGet();
			return Status.OK;
		};
		ScriptedRange first = bind(nop);
		AtomicBoolean over = new AtomicBoolean();
		List<Future<long[]>> callers = new ArrayList<>();
		for (int i = 0; i < FakeMachine.VCPUS; i++) {
			TestVcpu caller = new TestVcpu(i);
			callers.add(threads.submit(() -> callUntil(over, caller)));
		}
		Plugin<RangeProvider> old = pool.all().get(0);
		List<ScriptedRange> ranges = new ArrayList<>(List.of(first));
		for (int i = 1; i <= 200; i++) {
			ScriptedRange range = new ScriptedRange(OWNER, 0, 0, nop);
			ranges.add(range);
			Plugin<RangeProvider> next = Pools.plugin(ROLE, i + 1 + ".0.0", range);
			if (i % 2 == 0)
				Pools.remove(pool, old); // gone for a moment
			Pools.add(pool, next);
			if (i % 2 != 0)
				Pools.remove(pool, old);
			old = next;
		}
		over.set(true);
		long[] sums = new long[2];
		for (Future<long[]> caller : callers)
			for (int i = 0; i < 2; i++)
				sums[i] += caller.get()[i];

		assertEquals(served.get(), sums[0], "calls that a handler served, and that were answered OK");
		ScriptedRange last = ranges.get(ranges.size() - 1);
		assertEquals(served.get(), last.last.calls.get(), "the count went from handler to handler");
		assertTrue(ranges.stream().allMatch(range -> range.last.callsAfterClose == 0));
		assertTrue(ranges.stream().limit(200).allMatch(range -> range.last.closed));
		assertFalse(machine.reports.contains("plugin.fault"), machine.reports.toString());
	}

	/** Calls that were served, and that came while there was nobody. */
	private long[] callUntil(AtomicBoolean over, TestVcpu caller) {
		long[] answers = new long[2];
		for (long i = 0; !over.get(); i++) {
			caller.registers[RDI] = i;
			caller.registers[RDX] = -1;
			long status = call(caller, OWNER, ScriptedRange.USER);
			assertTrue(status == Status.OK && caller.registers[RDX] == i
					|| status == Status.NOT_AVAILABLE && caller.registers[RDX] == 10, () -> "status " + status);
			answers[status == Status.OK ? 0 : 1]++;
		}
		return answers;
	}

	@Test
	void aCallThatHangsDuringAnExchangeEndsOnTheOldCode() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		ScriptedRange old = bind((function, call) -> {
			inside.countDown();
			go.await();
			return 1;
		});
		Future<Long> slow = threads.submit(() -> call(new TestVcpu(1), OWNER, ScriptedRange.KERNEL));
		inside.await();
		Pools.add(pool, ROLE, "2.0.0", new ScriptedRange(OWNER, 0, 0, (function, call) -> 2));
		assertEquals(2, call(OWNER, ScriptedRange.KERNEL), "others go to the new code meanwhile");
		go.countDown();
		assertEquals(1, slow.get());
		assertEquals(1, old.last.calls.get());
	}

	@Test
	void aCallThatIsGivenUpIsAnsweredOnceAndWithoutItsHandler() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		bind((function, call) -> {
			call.value(0, 77);
			call.memory().copyOut(0x2000, new byte[] { 1 });
			inside.countDown();
			go.await();
			return Status.OK;
		});
		TestVcpu stuck = new TestVcpu(1);
		Future<?> lost = threads.submit(() -> call(stuck, OWNER, ScriptedRange.KERNEL));
		inside.await();
		dispatcher.giveUp(stuck);
		assertEquals(Status.TIMEOUT, stuck.registers[RAX]);
		stuck.registers[RAX] = 0x1234;
		go.countDown();
		lost.get();
		assertEquals(0x1234, stuck.registers[RAX], "the lost thread changes nothing any more");
		assertEquals(0, stuck.registers[RDX]);
		assertEquals(0, machine.memory.getByte(0x2000));
		assertTrue(machine.reports.contains("plugin.fault"));
		assertEquals(Status.OK, call(stuck, OWNER, ScriptedRange.KERNEL), "and the vCPU goes on calling");
	}

	@Test
	void closingEndsAllHandlersAndTakesNoMore() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		dispatcher.close();
		assertTrue(range.last.closed);
		ScriptedRange late = new ScriptedRange(OWNER, 0, 0, (function, call) -> Status.OK);
		Pools.add(pool, ROLE, "2.0.0", late);
		assertSame(null, late.last);
	}

	@Test
	void readingThePortGivesAllOnes() {
		assertEquals(-1, dispatcher.read(vcpu, 0, 4));
	}

	@Test
	void theLeavesOfCpuidSpellTheInterface() {
		List<CpuidTable.Leaf> leaves = Dispatcher.cpuid(0x4000_0100, 0xe4, 3, 2_400_000);
		assertEquals(List.of(0x4000_0100, 0x4000_0101, 0x4000_0102, 0x4000_0103, 0x4000_0104),
				leaves.stream().map(CpuidTable.Leaf::leaf).toList());
		assertEquals(0x4000_0104, leaves.get(0).eax());
		assertEquals(Abi.SIGNATURE, leaves.get(0).ebx());
		assertEquals(0xe4, leaves.get(2).ebx());
		assertEquals(3, leaves.get(3).edx());
	}

	@Test
	void aHandlerGetsTheMachineItServes() {
		ScriptedRange range = bind((function, call) -> Status.OK);
		assertEquals("m", range.host.machine());
		assertEquals(FakeMachine.VCPUS, range.host.vcpus());
		assertSame(machine.memory, range.host.memory());
		assertSame(machine.console, range.host.console());
		range.host.guestIdentity(9);
		assertEquals(9, range.host.guestIdentity());
		range.host.report("log", java.util.Map.of());
		assertEquals(List.of("guest.log"), machine.reports);
		assertNotSame(null, range.host.clock());
	}
}
