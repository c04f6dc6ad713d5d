package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RCX;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.tck.Contract;
import vmhi.tck.cpu.Bench.Mode;

/** How the state of a vCPU goes out and in, and from one processor to another in the middle of a run. */
@Contract(value = "vmhi.api.cpu", version = CpuKind.CONTRACT)
public interface CpuStateContract extends CpuContract {

	@Test
	default void newVcpuIsInTheStateAfterReset() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1)) {
			CpuState state = bench.processor.vcpu(0).save();

			assertEquals(0xfff0, state.general().rip());
			assertEquals(0xffff_0000L, state.system().cs().base());
			assertEquals(0x6000_0010L, state.system().cr0() & 0xe000_003fL);
			assertEquals(0, state.system().efer());
			assertEquals(MpState.RUNNABLE, state.mpState());
		}
	}

	@Test
	default void stateComesOutAsItWentIn() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1);
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
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1)) {
			Vcpu vcpu = bench.start(0);
			CpuState state = vcpu.save();
			state.general().registers()[RAX] = 77;

			vcpu.restore(new CpuState(state.general(), null, null, null, null, null, null, null, null));

			assertEquals(Map.of(), CpuStates.differences(state, vcpu.save()));
		}
	}

	@Test
	default void stateThatCannotBeIsRefused() throws Exception {
		try (Bench bench = Bench.of(this, Mode.LONG, new ProbeHost(), 1)) {
			Vcpu vcpu = bench.start(0);
			CpuState good = vcpu.save();
			CpuState bad = new CpuState(null, null, null, null, null, new byte[100], null, null, null);

			assertEquals(CpuException.Kind.STATE, assertThrows(CpuException.class, () -> vcpu.restore(bad)).kind());

			vcpu.restore(good);
			assertEquals(Map.of(), CpuStates.differences(good, vcpu.save()));
		}
	}

	@Test
	default void runningLoopMovesBetweenTwoProcessors() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.COUNT);
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
		try (Bench bench = Bench.of(this, Mode.USER, host, 1).load(Snippets.CONVERSATION);
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
		try (Bench bench = Bench.of(this, Mode.USER, host, 1).load(Snippets.MODIFY);
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
}
