package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;

/** A vCPU with a local APIC that is not KVM's. */
class BareVcpuTest {
	private static final int VECTOR = 0x40;
	private static final long APIC_BASE = 0xfee0_0000L | 1 << 11;

	private static final int[] HANDLER = {
			0xe6, VECTOR, // out VECTOR, al
			0x48, 0xcf, // iretq
	};

	private static final int[] STOPPING_HANDLER = {
			0xe6, VECTOR, // out VECTOR, al
			0xe6, Guest.STOP,
	};

	/** One interrupt that waits, or none. */
	private static final class Source implements InterruptSource {
		final AtomicInteger vector = new AtomicInteger(-1);
		volatile int taskPriority;
		volatile long apicBase = APIC_BASE;

		@Override
		public boolean pending() {
			int v = vector.get();
			return v >> 4 > taskPriority;
		}

		@Override
		public int accept() {
			return vector.getAndSet(-1);
		}

		@Override
		public int taskPriority() {
			return taskPriority;
		}

		@Override
		public void taskPriority(int value) {
			taskPriority = value;
		}

		@Override
		public long apicBase() {
			return apicBase;
		}

		@Override
		public boolean apicBase(long value) {
			if (value == 0)
				return false;
			apicBase = value;
			return true;
		}
	}

	private final Source source = new Source();
	private final CountDownLatch ready = new CountDownLatch(1);

	/** Port 1 says that the guest is ready, port 2 has an interrupt come. */
	private final TestHost host = new TestHost() {
		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			if (port == 1)
				ready.countDown();
			else if (port == 2)
				source.vector.set(VECTOR);
			else
				super.writePort(vcpu, port, size, value);
		}
	};

	@Test
	void isOneOnlyWhereTheBoardBringsTheControllers() throws Exception {
		try (Guest bare = Guest.bare(host, 1); Guest chips = Guest.withChips(host, 1)) {
			assertTrue(bare.vcpu() instanceof InterruptibleVcpu);
			assertFalse(bare.processor instanceof InterruptController);
			assertFalse(chips.vcpu() instanceof InterruptibleVcpu);
			assertTrue(chips.processor instanceof InterruptController);
		}
	}

	@Test
	void interruptFromAnotherThreadReachesABusyGuest() throws Exception {
		try (Guest guest = guest(
				0xfb, // sti
				0xe6, 0x01, // out 1, al
				0xeb, 0xfe)) { // jmp $
			guest.code(Guest.HANDLER, STOPPING_HANDLER);
			CompletableFuture<Void> run = KickTest.inThread(guest.vcpu()::run);
			assertTrue(ready.await(10, TimeUnit.SECONDS));
			source.vector.set(VECTOR);
			vcpu(guest).interruptPending();
			run.get(10, TimeUnit.SECONDS);

			assertEquals(List.of("out 40/1 0"), host.seen);
		}
	}

	@Test
	void interruptWaitsUntilTheGuestTakesInterrupts() throws Exception {
		try (Guest guest = guest(
				0xe6, 0x02, // out 2, al: it comes
				0xe6, 0x10, // out 0x10, al
				0x90, // nop
				0xfb, // sti
				0xeb, 0xfe)) { // jmp $
			guest.code(Guest.HANDLER, STOPPING_HANDLER);
			guest.vcpu().run();

			assertEquals(List.of("out 10/1 0", "out 40/1 0"), host.seen);
		}
	}

	@Test
	void interruptBelowTheTaskPriorityWaitsForIt() throws Exception {
		try (Guest guest = guest(
				0xb8, 0x05, 0x00, 0x00, 0x00, // mov eax, 5
				0x44, 0x0f, 0x22, 0xc0, // mov cr8, rax
				0xfb, // sti
				0xe6, 0x02, // out 2, al: it comes
				0x90, // nop
				0xe6, 0x10, // out 0x10, al
				0x31, 0xc0, // xor eax, eax
				0x44, 0x0f, 0x22, 0xc0, // mov cr8, rax
				0xe4, 0x20, // next: in al, 0x20: a KVM in software does not tell of CR8 by itself
				0xeb, 0xfc)) { // jmp next
			guest.code(Guest.HANDLER, STOPPING_HANDLER);
			guest.vcpu().run();

			host.seen.removeIf("in 20/1"::equals);
			assertEquals(List.of("out 10/1 5", "out 40/1 ff"), host.seen);
		}
	}

	@Test
	void haltLastsUntilAnInterruptIsThere() throws Exception {
		try (Guest guest = guest(
				0xfb, // sti
				0xf4, // hlt
				0xe6, 0x11, // out 0x11, al
				0xe6, Guest.STOP)) {
			assertEquals(RunEnd.HALTED, guest.vcpu().run());
			assertEquals(MpState.HALTED, guest.vcpu().save().mpState());
			assertEquals(RunEnd.HALTED, guest.vcpu().run());
			guest.vcpu().stop();
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			source.vector.set(VECTOR);
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());

			assertEquals(List.of("out 40/1 0", "out 11/1 0"), host.seen);
		}
	}

	@Test
	void haltWithInterruptsOffLastsUntilAnNmi() throws Exception {
		try (Guest guest = guest(
				0xf4, // hlt
				0xe6, 0x11, // out 0x11, al
				0xe6, Guest.STOP)) {
			guest.gate(2, Guest.HANDLER);
			assertEquals(RunEnd.HALTED, guest.vcpu().run());
			source.vector.set(VECTOR + 1);
			assertEquals(RunEnd.HALTED, guest.vcpu().run());
			vcpu(guest).nmi();
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());

			assertEquals(List.of("out 40/1 0", "out 11/1 0"), host.seen);
		}
	}

	@Test
	void haltedGuestWakesOnAnotherProcessor() throws Exception {
		try (Guest guest = guest(
				0xfb, // sti
				0xf4, // hlt
				0xe6, 0x11, // out 0x11, al
				0xf4); // hlt
				Processor other = guest.another(host, false)) {
			guest.vcpu().run();
			InterruptibleVcpu there = (InterruptibleVcpu) other.vcpu(0);
			there.connect(source);
			there.restore(guest.vcpu().save());
			assertEquals(RunEnd.HALTED, there.run());
			source.vector.set(VECTOR);
			assertEquals(RunEnd.HALTED, there.run());

			assertEquals(List.of("out 40/1 0", "out 11/1 0"), host.seen);
		}
	}

	@Test
	void furtherVcpuWaitsForInitAndStartup() throws Exception {
		try (Guest guest = Guest.bare(host, 2)) {
			guest.code(0x1_1000, // real mode
					0x8c, 0xc8, // mov ax, cs
					0xe7, 0x03, // out 3, ax
					0xe6, Guest.STOP);
			InterruptibleVcpu second = (InterruptibleVcpu) guest.processor.vcpu(1);
			second.connect(source);

			assertEquals(RunEnd.WAITING, second.run());
			second.startup(0x22); // too early
			assertEquals(RunEnd.WAITING, second.run());
			second.init();
			assertEquals(RunEnd.WAITING, second.run());
			assertEquals(MpState.INIT_RECEIVED, second.save().mpState());
			second.startup(0x11);
			assertEquals(RunEnd.STOPPED, second.run());
			assertEquals(List.of("out 3/2 1100"), host.seen);
		}
	}

	@Test
	void initReachesARunningVcpu() throws Exception {
		try (Guest guest = Guest.bare(host, 2)) {
			guest.code(Guest.CODE,
					0xe6, 0x01, // out 1, al
					0xeb, 0xfe); // jmp $
			InterruptibleVcpu second = (InterruptibleVcpu) guest.processor.vcpu(1);
			second.connect(source);
			guest.start(second, 0);
			second.restore(new CpuState(null, null, null, null, null, null, null, null, MpState.RUNNABLE));
			CompletableFuture<Void> run = KickTest.inThread(() -> assertEquals(RunEnd.WAITING, second.run()));
			assertTrue(ready.await(10, TimeUnit.SECONDS));
			second.init();
			run.get(10, TimeUnit.SECONDS);

			CpuState state = second.save();
			assertEquals(0xfff0, state.general().rip());
			assertEquals(0, state.system().efer());
			assertEquals(APIC_BASE, state.system().apicBase());
		}
	}

	@Test
	void startupNotYetActedOnMovesAlong() throws Exception {
		try (Guest guest = Guest.bare(host, 2)) {
			guest.code(0x1_1000, 0xe6, 0x03, 0xe6, Guest.STOP); // out 3, al
			InterruptibleVcpu second = (InterruptibleVcpu) guest.processor.vcpu(1);
			second.restore(new CpuState(null, null, null, null, null, null, null,
					new Events(-1, false, 0, 0, -1, false, 0, false, false, 0x11), MpState.SIPI_RECEIVED));

			assertEquals(RunEnd.STOPPED, second.run());
			assertEquals(List.of("out 3/1 0"), host.seen);
		}
	}

	@Test
	void apicBaseIsTheBoards() throws Exception {
		try (Guest guest = guest(
				0xb9, 0x1b, 0x00, 0x00, 0x00, // mov ecx, IA32_APIC_BASE
				0x0f, 0x32, // rdmsr
				0xe7, 0x10, // out 0x10, eax
				0x0d, 0x00, 0x01, 0x00, 0x00, // or eax, 0x100
				0x0f, 0x30, // wrmsr
				0x31, 0xc0, // xor eax, eax
				0x31, 0xd2, // xor edx, edx
				0x0f, 0x30)) { // wrmsr: refused
			guest.code(Guest.HANDLER,
					0xe6, 0x0d, // out 13, al
					0xe6, Guest.STOP).gate(13, Guest.HANDLER);
			guest.vcpu().run();

			assertEquals(List.of("out 10/4 fee00800", "out d/1 0"), host.seen);
			assertEquals(APIC_BASE | 0x100, source.apicBase);
			assertEquals(APIC_BASE | 0x100, guest.vcpu().save().system().apicBase());
		}
	}

	private Guest guest(int... code) throws Exception {
		Guest guest = Guest.bare(host, 1);
		guest.code(Guest.CODE, code).code(Guest.HANDLER, HANDLER).gate(VECTOR, Guest.HANDLER);
		vcpu(guest).connect(source);
		guest.start(guest.vcpu(), 0);
		return guest;
	}

	private static InterruptibleVcpu vcpu(Guest guest) {
		return (InterruptibleVcpu) guest.vcpu();
	}
}
