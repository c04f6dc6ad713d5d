package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.ChipState.IoApic;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;

/** The interrupt controllers and the timer in KVM. */
class ChipTest {
	private static final int VECTOR = 0x51;

	/** Masks the 8259 pair and turns the local APIC on, with RDI at it, and RSI at the I/O APIC. */
	private static final int[] SET_UP = {
			0xb0, 0xff, 0xe6, 0x21, // mov al, 0xff; out 0x21, al
			0x31, 0xc0, // xor eax, eax
			0xbf, 0x00, 0x00, 0xe0, 0xfe, // mov edi, 0xfee00000
			0xbe, 0x00, 0x00, 0xc0, 0xfe, // mov esi, 0xfec00000
			0xc7, 0x87, 0xf0, 0x00, 0x00, 0x00, 0xff, 0x01, 0x00, 0x00, // mov dword [rdi+0xf0], 0x1ff
	};

	/** Input 4 of the I/O APIC, rising edge, to vCPU 0. */
	private static final int[] ROUTE_LINE_4 = {
			0xc7, 0x06, 0x18, 0x00, 0x00, 0x00, // mov dword [rsi], 0x18
			0xc7, 0x46, 0x10, VECTOR, 0x00, 0x00, 0x00, // mov dword [rsi+0x10], VECTOR
			0xc7, 0x06, 0x19, 0x00, 0x00, 0x00, // mov dword [rsi], 0x19
			0xc7, 0x46, 0x10, 0x00, 0x00, 0x00, 0x00, // mov dword [rsi+0x10], 0
	};

	/** Says that it is ready at port 1, and lets interrupts come for ever. */
	private static final int[] READY_AND_WAIT = {
			0xe6, 0x01, // out 1, al
			0xfb, // sti
			0xf4, // next: hlt
			0xeb, 0xfd, // jmp next
	};

	private static final int[] HANDLER = {
			0xe6, VECTOR, // out VECTOR, al
			0xc7, 0x87, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // mov dword [rdi+0xb0], 0
			0xe6, Guest.STOP,
			0x48, 0xcf, // iretq
	};

	/** Does something when the guest is ready. */
	private static final class WhenReady extends TestHost {
		Runnable then = () -> {};

		@Override
		public void writePort(VcpuContext vcpu, int port, int size, long value) {
			if (port == 1)
				then.run();
			else
				super.writePort(vcpu, port, size, value);
		}
	}

	private final WhenReady host = new WhenReady();

	@Test
	void timerOfTheLocalApicWakesAHaltedGuest() throws Exception {
		try (Guest guest = interruptible(SET_UP, new int[] {
				0xc7, 0x87, 0xe0, 0x03, 0x00, 0x00, 0x0b, 0x00, 0x00, 0x00, // mov dword [rdi+0x3e0], 0xb: divide by 1
				0xc7, 0x87, 0x20, 0x03, 0x00, 0x00, VECTOR, 0x00, 0x00, 0x00, // mov dword [rdi+0x320], VECTOR
				0xc7, 0x87, 0x80, 0x03, 0x00, 0x00, 0x40, 0x42, 0x0f, 0x00, // mov dword [rdi+0x380], 1000000
		}, READY_AND_WAIT)) {
			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			assertEquals(List.of("out 51/1 0"), host.seen);
		}
	}

	@Test
	void lineGoesThroughTheIoApic() throws Exception {
		try (Guest guest = interruptible(SET_UP, ROUTE_LINE_4, READY_AND_WAIT)) {
			host.then = () -> controller(guest).line(4, true);

			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			assertEquals(List.of("out 51/1 0"), host.seen);
		}
	}

	@Test
	void messageGoesToTheLocalApic() throws Exception {
		try (Guest guest = interruptible(SET_UP, READY_AND_WAIT)) {
			CountDownLatch ready = new CountDownLatch(1);
			host.then = ready::countDown;
			CompletableFuture<Void> run = KickTest.inThread(guest.vcpu()::run);
			assertTrue(ready.await(10, TimeUnit.SECONDS));
			controller(guest).message(0x0010_0000, VECTOR + 1); // an address that isn't for messages
			controller(guest).message(0xfee0_0000L, VECTOR);
			run.get(10, TimeUnit.SECONDS);

			assertEquals(List.of("out 51/1 0"), host.seen);
		}
	}

	@Test
	void lineThatDoesNotExistIsIgnored() throws Exception {
		try (Guest guest = Guest.withChips(host, 1)) {
			controller(guest).line(24, true);
			controller(guest).line(-1, true);
			controller(guest).line(1 << 20, false);

			assertEquals(Collections.nCopies(24, false), controller(guest).saveChips().lines());
		}
	}

	@Test
	void secondVcpuStartsWhereTheFirstSays() throws Exception {
		TestHost starting = new TestHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				super.writePort(vcpu, port + 0x1000 * vcpu.index(), size, value);
			}
		};
		try (Guest guest = Guest.withChips(starting, 2)) {
			guest.code(Guest.CODE, concat(SET_UP, new int[] {
					0xc7, 0x87, 0x10, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, // mov dword [rdi+0x310], 1 << 24
					0xc7, 0x87, 0x00, 0x03, 0x00, 0x00, 0x00, 0x45, 0x00, 0x00, // mov dword [rdi+0x300], 0x4500: INIT
					0xc7, 0x87, 0x00, 0x03, 0x00, 0x00, 0x11, 0x46, 0x00, 0x00, // mov dword [rdi+0x300], 0x4611: SIPI
					0xe6, Guest.STOP,
			}));
			guest.code(0x1_1000, // real mode
					0x8c, 0xc8, // mov ax, cs
					0xe7, 0x02, // out 2, ax
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			CompletableFuture<Void> second = KickTest.inThread(guest.processor.vcpu(1)::run);
			guest.vcpu().run();
			second.get(10, TimeUnit.SECONDS);

			assertEquals(List.of("out 1002/2 1100"), starting.seen);
		}
	}

	/** 8259 pair, 8254 and I/O APIC as a guest programs them. */
	@Test
	void chipsComeOutOfAnotherProcessorAsTheyWentIn() throws Exception {
		try (Guest guest = interruptible(SET_UP, ROUTE_LINE_4, new int[] {
				0xb0, 0x11, 0xe6, 0x20, // mov al, 0x11; out 0x20, al: ICW1
				0xb0, 0x30, 0xe6, 0x21, // ICW2: from vector 0x30
				0xb0, 0x04, 0xe6, 0x21, // ICW3
				0xb0, 0x01, 0xe6, 0x21, // ICW4
				0xb0, 0xa5, 0xe6, 0x21, // mask
				0xb0, 0xb6, 0xe6, 0x43, // channel 2, square wave
				0xb0, 0x34, 0xe6, 0x42, 0xb0, 0x12, 0xe6, 0x42, // count 0x1234
				0xb0, 0x03, 0xe6, 0x61, // gate and speaker
				0xe6, Guest.STOP,
		}); KvmProcessor other = (KvmProcessor) guest.another(host, true)) {
			guest.vcpu().run();
			controller(guest).line(5, true);
			ChipState first = controller(guest).saveChips();
			((InterruptController) other).restoreChips(first);
			ChipState second = ((InterruptController) other).saveChips();

			assertEquals(0x30, first.primaryPic().irqBase());
			assertEquals(0xa5, first.primaryPic().imr());
			assertEquals(0x1234, first.pit().channels().get(2).count());
			assertEquals(3, first.pit().speaker());
			assertEquals(VECTOR, first.ioApic().redirection()[4]);
			assertTrue(first.lines().get(5));
			assertEquals(first.primaryPic(), second.primaryPic());
			assertEquals(first.secondaryPic(), second.secondaryPic());
			assertEquals(first.lines(), second.lines());
			assertEquals(first.pit().speaker(), second.pit().speaker());
			assertEquals(first.pit().channels().get(2).count(), second.pit().channels().get(2).count());
			assertEquals(first.pit().channels().get(2).mode(), second.pit().channels().get(2).mode());
			assertEquals(first.ioApic().baseAddress(), second.ioApic().baseAddress());
			assertArrayEquals(first.ioApic().redirection(), second.ioApic().redirection());
		}
	}

	/** A line that was high, and heard, before the move is not heard again; the next edge is. */
	@Test
	void edgeIsHeardOnceAcrossAMove() throws Exception {
		try (Guest guest = interruptible(SET_UP, ROUTE_LINE_4, READY_AND_WAIT);
				KvmProcessor other = (KvmProcessor) guest.another(host, true)) {
			host.then = () -> controller(guest).line(4, true);
			guest.vcpu().run();
			assertEquals(1, host.seen.size());

			CpuState cpu = guest.vcpu().save();
			ChipState chips = controller(guest).saveChips();
			InterruptController there = (InterruptController) other;
			Vcpu vcpu = other.vcpu(0);
			vcpu.restore(cpu);
			there.restoreChips(chips);

			runUntilHalted(vcpu);
			assertEquals(1, host.seen.size(), host.seen::toString);
			there.line(4, false);
			there.line(4, true);
			runUntilHalted(vcpu);
			assertEquals(2, host.seen.size(), host.seen::toString);
		}
	}

	static List<Arguments> timers() {
		return List.of(Arguments.of("counting down", new int[] {
				0xc7, 0x87, 0xe0, 0x03, 0x00, 0x00, 0x0b, 0x00, 0x00, 0x00, // mov dword [rdi+0x3e0], 0xb: divide by 1
				0xc7, 0x87, 0x20, 0x03, 0x00, 0x00, VECTOR, 0x00, 0x00, 0x00, // mov dword [rdi+0x320], VECTOR
				0xc7, 0x87, 0x80, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, // mov dword [rdi+0x380], 1 << 25
		}), Arguments.of("to a TSC deadline",
				new int[] {
						0xc7, 0x87, 0x20, 0x03, 0x00, 0x00, VECTOR, 0x00, 0x04, 0x00, // mov dword [rdi+0x320], 1 << 18 | VECTOR
						0x0f, 0x31, // rdtsc
						0x05, 0x00, 0x00, 0x00, 0x04, // add eax, 1 << 26
						0x83, 0xd2, 0x00, // adc edx, 0
						0xb9, 0xe0, 0x06, 0x00, 0x00, // mov ecx, IA32_TSC_DEADLINE
						0x0f, 0x30, // wrmsr
						0x31, 0xc0, // xor eax, eax
				}));
	}

	/** It has tens of milliseconds to go when the guest is stopped. */
	@ParameterizedTest(name = "{0}")
	@MethodSource("timers")
	void timerOfTheLocalApicGoesOnAfterAMove(String mode, int[] arm) throws Exception {
		try (Guest guest = interruptible(SET_UP, arm, new int[] { 0xe6, Guest.STOP }, READY_AND_WAIT);
				KvmProcessor other = (KvmProcessor) guest.another(host, true)) {
			guest.vcpu().run();
			other.vcpu(0).restore(guest.vcpu().save());
			((InterruptController) other).restoreChips(controller(guest).saveChips());
			guest.processor.close();

			assertEquals(RunEnd.STOPPED, other.vcpu(0).run());
			assertEquals(List.of("out 51/1 0"), host.seen);
		}
	}

	@Test
	void ioApicOfAnotherSizeIsRefused() throws Exception {
		try (Guest guest = Guest.withChips(host, 1)) {
			ChipState odd = new ChipState(new IoApic(0xfec0_0000L, 0, 0, new long[48], 0), null, null, null, List.of());

			CpuException refusal = assertThrows(CpuException.class, () -> controller(guest).restoreChips(odd));
			assertEquals(CpuException.Kind.STATE, refusal.kind());
			assertEquals("I/O APIC has 48 pins, KVM's has 24", refusal.getMessage());
		}
	}

	private Guest interruptible(int[]... code) throws CpuException {
		Guest guest = Guest.withChips(host, 1);
		guest.code(Guest.CODE, concat(code)).code(Guest.HANDLER, HANDLER).gate(VECTOR, Guest.HANDLER);
		guest.start(guest.vcpu(), 0);
		return guest;
	}

	/** Runs, whatever stops it in between, until it waits for an interrupt in the kernel. */
	private static void runUntilHalted(Vcpu vcpu) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
		do {
			assertTrue(System.nanoTime() < deadline, "it does not halt");
			CompletableFuture<Void> run = KickTest.inThread(vcpu::run);
			Thread.sleep(1);
			vcpu.stop();
			run.get(10, TimeUnit.SECONDS);
			vcpu.stop();
			vcpu.run(); // takes a stop that came late
		} while (vcpu.save().mpState() != MpState.HALTED);
	}

	private static InterruptController controller(Guest guest) {
		return (InterruptController) guest.processor;
	}

	private static int[] concat(int[]... parts) {
		return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
	}
}
