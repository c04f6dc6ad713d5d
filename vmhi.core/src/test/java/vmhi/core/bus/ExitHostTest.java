package vmhi.core.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.IoHandler;
import vmhi.api.device.MsrHandler;
import vmhi.core.Eventually;
import vmhi.tck.device.TestVcpu;

@Timeout(60)
class ExitHostTest {
	private final ExitHost host = new ExitHost("m", 2);
	private final TestVcpu vcpu = new TestVcpu(0);
	private final List<String> seen = new ArrayList<>();
	private final List<String> faults = new ArrayList<>();

	/** Reads as its offset in each byte, and writes down what is written. */
	private class Bytes implements IoHandler {
		@Override
		public long read(VcpuContext context, long offset, int size) {
			seen.add("read %d %d".formatted(offset, size));
			long value = -1; // more than was asked for
			for (int i = size; i-- > 0;)
				value = value << 8 | offset + i;
			return value;
		}

		@Override
		public void write(VcpuContext context, long offset, int size, long value) {
			seen.add("write %d %d %#x".formatted(offset, size, value));
		}
	}

	private Claimed claim(AddressSpace space, long first, long size, IoHandler handler) {
		Claimed range = new Claimed(first, size, "dev", handler, (claimed, thrown, last) -> {
			faults.add(thrown.getClass().getSimpleName() + (last ? " last" : ""));
			if (last)
				space.remove(claimed);
		});
		assertTrue(space.add(range).isEmpty());
		return range;
	}

	@Test
	void whereNobodyAnswersAllOnesAreRead() {
		long[] ones = { 0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffffL, 0, 0, 0, -1 };
		for (int size : new int[] { 1, 2, 4 }) {
			assertEquals(ones[size], host.readPort(vcpu, 0xffff, size));
			host.writePort(vcpu, 0xffff, size, 0);
		}
		for (int size : new int[] { 1, 2, 3, 4, 8 })
			assertEquals(ones[size], host.readMmio(vcpu, -1, size));
		host.writeMmio(vcpu, Long.MIN_VALUE, 8, 0);
		assertFalse(host.readMsr(vcpu, 0x10));
		assertFalse(host.writeMsr(vcpu, 0x10, 1));
		assertFalse(host.hypercall(vcpu));
	}

	@Test
	void aHandlerGetsOffsetsAndNoMoreThanItsSize() {
		claim(host.ports(), 0x3f8, 8, new Bytes());
		claim(host.memory(), 0xd000_0000L, 0x1000, new Bytes());
		assertEquals(0x0302, host.readPort(vcpu, 0x3fa, 2));
		assertEquals(0x0706_0504_0302_0100L, host.readMmio(vcpu, 0xd000_0000L, 8));
		host.writePort(vcpu, 0x3f8, 1, 0x1234);
		host.writeMmio(vcpu, 0xd000_0ff8L, 8, -1);
		assertEquals(List.of("read 2 2", "read 0 8", "write 0 1 0x34", "write 4088 8 0xffffffffffffffff"), seen);
	}

	@Test
	void anAccessOverTheEndOfARangeGoesByteByByte() {
		claim(host.ports(), 0x100, 2, new Bytes());
		claim(host.ports(), 0x103, 1, new Bytes());
		assertEquals(0x00ff_0100L, host.readPort(vcpu, 0x100, 4));
		host.writePort(vcpu, 0x101, 4, 0x4433_2211);
		assertEquals(List.of("read 0 1", "read 1 1", "read 0 1", "write 1 1 0x11", "write 0 1 0x33"),
				seen.stream().sorted(Comparator.comparing(what -> what.charAt(0))).toList());
		assertEquals(0xffff_ff00L, host.readPort(vcpu, 0x103, 4));
	}

	@Test
	void anUndividedPortTakesAnySizeWhole() {
		host.ports().add(Claimed.undivided(0xe4, "hypercalls", new Bytes(), (range, thrown, last) -> {}));
		host.writePort(vcpu, 0xe4, 4, 0x0001_0002);
		host.readPort(vcpu, 0xe4, 4);
		host.writePort(vcpu, 0xe5, 1, 3);
		assertEquals(List.of("write 0 4 0x10002", "read 0 4"), seen);
	}

	@Test
	void whatAHandlerThrowsEndsHereAndTooMuchTakesItOffTheBus() {
		AtomicInteger calls = new AtomicInteger();
		claim(host.ports(), 0x100, 4, new IoHandler() {
			@Override
			public long read(VcpuContext context, long offset, int size) {
				calls.incrementAndGet();
				throw new StackOverflowError();
			}

			@Override
			public void write(VcpuContext context, long offset, int size, long value) {
				calls.incrementAndGet();
				throw new IllegalStateException();
			}
		});
		for (int i = 0; i < 10; i++) {
			assertEquals(0xff, host.readPort(vcpu, 0x100, 1));
			host.writePort(vcpu, 0x100, 1, 0);
		}
		assertEquals(10, calls.get());
		assertEquals(10, faults.size());
		assertEquals("IllegalStateException last", faults.get(9));
		assertEquals(0, host.slot(0).calls() & 1, "the thread is outside");
	}

	@Test
	void aBellRingsInsteadOfTheHandler() {
		Claimed range = claim(host.memory(), 0x1000, 0x100, new Bytes());
		AtomicInteger rung = new AtomicInteger();
		Claimed.Bell bell = new Claimed.Bell(0x1050, 2, rung::incrementAndGet);
		range.add(bell);
		host.writeMmio(vcpu, 0x1050, 2, 7);
		host.writeMmio(vcpu, 0x1050, 4, 7);
		host.writeMmio(vcpu, 0x1052, 2, 7);
		host.readMmio(vcpu, 0x1050, 2);
		assertEquals(1, rung.get());
		assertEquals(3, seen.size());
		range.remove(bell);
		host.writeMmio(vcpu, 0x1050, 2, 7);
		assertEquals(1, rung.get());
	}

	@Test
	void registersGoToTheirHandler() {
		host.msrs().add(new ClaimedMsrs(new MsrRange(0xc000_0100, 2), "dev", new MsrHandler() {
			@Override
			public boolean read(VcpuContext context, int index) {
				context.msrValue(5);
				return index == 0xc000_0101;
			}

			@Override
			public boolean write(VcpuContext context, int index, long value) {
				throw new IllegalStateException();
			}
		}));
		assertTrue(host.readMsr(vcpu, 0xc000_0101));
		assertEquals(5, vcpu.msrValue);
		assertFalse(host.readMsr(vcpu, 0xc000_0100));
		assertFalse(host.readMsr(vcpu, 0xc000_0102));
		assertFalse(host.writeMsr(vcpu, 0xc000_0100, 1));
		assertEquals(4, host.counters().get("exits.msr"));
	}

	@Test
	void exitsAndOdditiesAreCounted() {
		for (int i = 0; i < 3; i++) {
			host.readPort(vcpu, 1, 1);
			host.writeMmio(new TestVcpu(1), 1, 1, 1);
			host.odd(vcpu, "unknown instruction");
		}
		host.hypercalls(context -> context.register(0, 9));
		assertTrue(host.hypercall(vcpu));
		assertEquals(9, vcpu.registers[0]);
		assertEquals(3, host.counters().get("exits.port.read"));
		assertEquals(3, host.counters().get("exits.mmio.write"));
		assertEquals(1, host.counters().get("exits.hypercall"));
		assertEquals(3, host.counters().get("odd.unknown instruction"));
	}

	/** Stays inside until it is let go. */
	private static final class Staying implements IoHandler {
		final CountDownLatch inside = new CountDownLatch(1);
		final CountDownLatch go = new CountDownLatch(1);

		@Override
		public long read(VcpuContext context, long offset, int size) {
			inside.countDown();
			try {
				go.await();
			} catch (InterruptedException e) {
				throw new IllegalStateException(e);
			}
			return 7;
		}

		@Override
		public void write(VcpuContext context, long offset, int size, long value) {
			// nothing
		}
	}

	@Test
	void quietIsWhenWhoWasInsideHasLeft() throws Exception {
		Staying handler = new Staying();
		Claimed range = claim(host.ports(), 0x100, 1, handler);
		Thread inside = new Thread(() -> host.readPort(vcpu, 0x100, 1));
		inside.start();
		handler.inside.await();
		host.ports().remove(range);
		assertFalse(host.awaitQuiet(1));
		AtomicBoolean left = new AtomicBoolean();
		Thread waiter = new Thread(() -> left.set(host.awaitQuiet(20_000) && handler.go.getCount() == 0));
		waiter.start();
		handler.go.countDown();
		waiter.join();
		assertTrue(left.get());
		assertTrue(host.awaitQuiet(0));
	}

	@Test
	void whoGivesUpAClaimFromItsOwnHandlerDoesNotWaitForItself() {
		AtomicBoolean quiet = new AtomicBoolean();
		claim(host.ports(), 0x100, 1, new IoHandler() {
			@Override
			public long read(VcpuContext context, long offset, int size) {
				quiet.set(host.awaitQuiet(0));
				return 0;
			}

			@Override
			public void write(VcpuContext context, long offset, int size, long value) {
				// nothing
			}
		});
		host.readPort(vcpu, 0x100, 1);
		assertTrue(quiet.get());
	}

	@Test
	void noHandlerIsCalledOnceItsClaimIsQuiet() throws Exception {
		AtomicBoolean over = new AtomicBoolean();
		AtomicInteger late = new AtomicInteger();
		Thread guest = new Thread(() -> {
			while (!over.get())
				host.readPort(vcpu, 0x100, 1);
		});
		guest.start();
		for (int i = 0; i < 2000; i++) {
			AtomicBoolean gone = new AtomicBoolean();
			Claimed range = claim(host.ports(), 0x100, 1, new IoHandler() {
				@Override
				public long read(VcpuContext context, long offset, int size) {
					if (gone.get())
						late.incrementAndGet();
					return 0;
				}

				@Override
				public void write(VcpuContext context, long offset, int size, long value) {
					// nothing
				}
			});
			host.ports().remove(range);
			assertTrue(host.awaitQuiet(20_000));
			gone.set(true);
		}
		over.set(true);
		guest.join();
		assertEquals(0, late.get());
	}

	@Test
	void aThreadThatWasGivenUpUnwindsWhenItComesBack() throws Exception {
		Staying handler = new Staying();
		claim(host.ports(), 0x100, 1, handler);
		AtomicReference<Throwable> thrown = new AtomicReference<>();
		Thread lost = new Thread(() -> {
			try {
				host.readPort(vcpu, 0x100, 1);
			} catch (AbandonedRun e) {
				thrown.set(e);
			}
		});
		lost.start();
		handler.inside.await();
		VcpuSlot old = host.slot(0);
		assertSame(vcpu, old.context());
		assertTrue(host.abandon(0, old.calls()));
		assertNotSame(old, host.slot(0));
		assertEquals(0, host.slot(0).calls());
		assertTrue(host.awaitQuiet(0), "nobody waits for it");
		assertEquals(1, host.counters().get("exits.port.read"));
		assertEquals(0xff, host.readPort(vcpu, 0x200, 1), "another thread goes on with the vCPU");
		handler.go.countDown();
		lost.join();
		assertSame(AbandonedRun.INSTANCE, thrown.get());
	}

	@Test
	void aThreadThatHasJustComeBackIsNotGivenUp() {
		claim(host.ports(), 0x100, 1, new Bytes());
		VcpuSlot slot = host.slot(0);
		long call = slot.calls() + 1;
		host.readPort(vcpu, 0x100, 1);
		assertFalse(host.abandon(0, call));
		assertFalse(host.abandon(0, slot.calls()));
		assertSame(slot, host.slot(0));
		host.readPort(vcpu, 0x100, 1);
		assertThrows(IndexOutOfBoundsException.class, () -> host.slot(2));
	}

	@Test
	void theWatchAndTheThreadNeverBothHaveTheVcpu() throws Exception {
		AtomicInteger unwound = new AtomicInteger();
		for (int i = 0; i < 3000; i++) {
			ExitHost one = new ExitHost("m", 1);
			VcpuSlot slot = one.slot(0);
			AtomicBoolean abandoned = new AtomicBoolean();
			Thread watch = new Thread(() -> {
				long call;
				while ((call = slot.calls()) == 0)
					Thread.onSpinWait();
				abandoned.set(one.abandon(0, call));
			});
			watch.start();
			boolean threw = false;
			try {
				one.readPort(vcpu, 1, 1);
			} catch (AbandonedRun e) {
				threw = true;
				unwound.incrementAndGet();
			}
			watch.join();
			assertEquals(abandoned.get(), threw);
			if (unwound.get() > 3 && i > 300)
				break;
		}
	}

	@Test
	void anAccessAllocatesNothing() throws Exception {
		assumeTrue(ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
				"this JVM does not count allocations");
		com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
		Claimed range = claim(host.memory(), 0x1000, 0x100, new IoHandler() {
			@Override
			public long read(VcpuContext context, long offset, int size) {
				return 1;
			}

			@Override
			public void write(VcpuContext context, long offset, int size, long value) {
				// nothing
			}
		});
		range.add(new Claimed.Bell(0x1050, 2, () -> {}));
		host.ports().add(range);
		host.hypercalls(context -> {});
		long id = Thread.currentThread().getId();
		threads.getThreadAllocatedBytes(id);
		Eventually.until("no allocation in a round", () -> {
			long before = threads.getThreadAllocatedBytes(id);
			for (int i = 0; i < 10_000; i++) {
				host.readPort(vcpu, 0x1000 + i % 0x100, 4);
				host.writePort(vcpu, 0x50, 4, 1);
				host.readMmio(vcpu, 0x10fe, 8);
				host.writeMmio(vcpu, 0x1050, 2, 1);
				host.hypercall(vcpu);
			}
			return threads.getThreadAllocatedBytes(id) - before < 1000; // of the measurement itself
		});
	}
}
