package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RCX;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Debug;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Msr;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;

class StateTest {
	private static final int STAR = 0xc000_0081, LSTAR = 0xc000_0082, KERNEL_GS_BASE = 0xc000_0102, PAT = 0x277;

	// offsets in the local APIC's page
	private static final int LAPIC_TPR = 0x80, LAPIC_SPURIOUS = 0xf0, LAPIC_LVT_TIMER = 0x320, LAPIC_COUNT = 0x390,
			LAPIC_DIVIDE = 0x3e0;

	private final TestHost host = new TestHost();

	@ParameterizedTest(name = "with KVM''s interrupt controllers: {0}")
	@ValueSource(booleans = { true, false })
	void everyPartComesOutOfAnotherProcessorAsItWentIn(boolean chips) throws Exception {
		try (Guest guest = chips ? Guest.withChips(host, 1) : Guest.bare(host, 1);
				Processor other = guest.another(host, chips)) {
			guest.vcpu().restore(interesting(guest.vcpu().save()));
			CpuState first = guest.vcpu().save();
			other.vcpu(0).restore(first);
			CpuState second = other.vcpu(0).save();

			assertEquals(0x1007, first.general().registers()[7]);
			assertEquals(0x6000_0000L, first.debug().dr0to3()[2]);
			assertEquals(0xffff_ffff_8100_0000L, msrs(first).get(LSTAR));
			assertEquals(0x5a, first.xsave()[160], "XMM0");
			assertTrue(first.events().nmiBlocked());
			assertSame(first, second);
		}
	}

	@Test
	void partsLeftOutStayAsTheyAre() throws Exception {
		try (Guest guest = Guest.withChips(host, 1)) {
			guest.vcpu().restore(interesting(guest.vcpu().save()));
			CpuState before = guest.vcpu().save();

			guest.vcpu().restore(new CpuState(null, null, null, null, null, null, null, null, null));
			assertSame(before, guest.vcpu().save());

			guest.vcpu().restore(
					new CpuState(null, null, null, List.of(new Msr(STAR, 5)), null, null, null, null, null));
			Map<Integer, Long> msrs = msrs(before);
			msrs.put(STAR, 5L);
			assertEquals(withoutClocks(msrs), withoutClocks(msrs(guest.vcpu().save())));
		}
	}

	@Test
	void freshVcpuIsAsAfterReset() throws Exception {
		try (Guest guest = Guest.withChips(host, 2)) {
			CpuState state = guest.vcpu().save();

			assertEquals(0xfff0, state.general().rip());
			assertEquals(0xffff_0000L, state.system().cs().base());
			assertEquals(0x10, state.system().cr0() & 0x8000_0011L);
			assertEquals(MpState.RUNNABLE, state.mpState());
			assertEquals(MpState.UNINITIALIZED, guest.processor.vcpu(1).save().mpState());
		}
	}

	/** At level 3 this is the processor itself that is interrupted, anywhere in the loop. */
	@ParameterizedTest(name = "at privilege level {0}")
	@CsvSource({ "0, 20000", "3, 20000000" })
	void runningLoopGoesOnExactlyOnAnotherProcessor(int privilege, int rounds) throws Exception {
		long expected = 1;
		for (int i = 0; i < rounds; i++)
			expected = Long.rotateLeft(expected * 0x5851_f42dL + i, 7);

		try (Guest guest = Guest.of(host); Processor other = guest.another(host, false)) {
			guest.code(Guest.CODE,
					0x48, 0x69, 0xc0, 0x2d, 0xf4, 0x51, 0x58, // next: imul rax, rax, 0x5851f42d
					0x48, 0x01, 0xd0, // add rax, rdx
					0x48, 0xc1, 0xc0, 0x07, // rol rax, 7
					0x48, 0xff, 0xc2, // inc rdx
					0x48, 0x39, 0xca, // cmp rdx, rcx
					0x75, 0xea, // jne next
					0xe6, 0x01, // out 1, al
					0xeb, 0xfe); // jmp $
			guest.start(guest.vcpu(), privilege, Guest.CODE, r -> {
				r[RAX] = 1;
				r[RCX] = rounds;
			});
			Vcpu from = guest.vcpu(), to = other.vcpu(0);
			int moves = 0;
			for (; host.seen.isEmpty(); moves++) {
				runFor(from, TimeUnit.MICROSECONDS.toNanos(1500));
				to.restore(from.save());
				Vcpu was = from;
				from = to;
				to = was;
			}
			assertTrue(moves > 2, "it was over after " + moves);
			assertEquals(expected, from.save().general().registers()[RAX]);
		}
	}

	@Test
	void instructionThatAsksTheHostIsCompleteWhenTheRunHasStopped() throws Exception {
		Guest[] it = new Guest[1];
		TestHost stopping = new TestHost() {
			@Override
			public long readPort(VcpuContext vcpu, int port, int size) {
				it[0].vcpu().stop();
				return 0x4711;
			}
		};
		try (Guest guest = Guest.of(stopping)) {
			it[0] = guest;
			guest.code(Guest.CODE, 0xe5, 0x10); // in eax, 0x10
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();
			General general = guest.vcpu().save().general();

			assertEquals(0x4711, general.registers()[RAX]);
			assertEquals(Guest.CODE + 2, general.rip());
		}
	}

	@Test
	void exceptionNotYetDeliveredIsDeliveredOnTheOtherProcessor() throws Exception {
		Guest[] it = new Guest[1];
		TestHost refusing = new TestHost() {
			@Override
			public boolean readMsr(VcpuContext vcpu, int index) {
				it[0].vcpu().stop();
				return false;
			}
		};
		try (Guest guest = Guest.of(refusing); Processor other = guest.another(refusing, false)) {
			it[0] = guest;
			guest.code(Guest.CODE, 0x0f, 0x32); // rdmsr
			guest.code(Guest.HANDLER,
					0xe6, 0x0d, // out 13, al
					0xf4).gate(13, Guest.HANDLER); // hlt
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[RCX] = 0x564d_4801);
			guest.vcpu().run();
			CpuState state = guest.vcpu().save();
			assertEquals(13, state.events().exception());
			assertEquals(Guest.CODE, state.general().rip());

			other.vcpu(0).restore(state);
			assertEquals(RunEnd.HALTED, other.vcpu(0).run());
			assertEquals(List.of("out d/1 0"), refusing.seen);
		}
	}

	@Test
	void pendingExceptionsPayloadIsInItsRegister() throws Exception {
		try (Guest guest = Guest.of(host)) {
			Events fault = new Events(14, true, 2, 0x1234_5000, -1, false, 0, false, false, -1);
			guest.vcpu().restore(new CpuState(null, null, null, null, null, null, null, fault, null));

			assertEquals(0x1234_5000, guest.vcpu().save().system().cr2());
			assertEquals(new Events(14, true, 2, 0, -1, false, 0, false, false, -1), guest.vcpu().save().events());
		}
	}

	@Test
	void stateThatCantBeIsRefusedByName() throws Exception {
		try (Guest guest = Guest.of(host)) {
			CpuState now = guest.vcpu().save();
			SystemRegisters s = now.system();
			SystemRegisters pagingWithoutProtection = new SystemRegisters(s.cs(), s.ds(), s.es(), s.fs(), s.gs(),
					s.ss(),
					s.tr(), s.ldt(), s.gdt(), s.idt(), 0x8000_0010L, 0, 0, 0, 0, 0, s.apicBase());

			refused("segments and control registers refused", guest,
					part(null, pagingWithoutProtection, null, null, null));
			refused("15 general registers, not 16..16", guest,
					part(new General(new long[15], 0, 2), null, null, null, null));
			refused("575 bytes of the XSAVE area, not 576..", guest, part(null, null, null, new byte[575], null));
			refused("MSR 0x564d4801 can't be set to 0x1: this KVM does not know it", guest,
					part(null, null, List.of(new Msr(0x564d_4801, 1)), null, null));
			refused("the state has a local APIC, but this processor was made without", guest,
					part(null, null, null, null, new byte[0x400]));
		}
	}

	@Test
	void registerOfAnotherHostThatTheGuestNeverUsedIsNoObstacle() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.vcpu().restore(part(null, null, List.of(new Msr(0x564d_4801, 0), new Msr(STAR, 7)), null, null));

			assertEquals(7, msrs(guest.vcpu().save()).get(STAR));
		}
	}

	@Test
	void guestsClockCanBeSet() throws Exception {
		try (Guest guest = Guest.withChips(host, 1)) {
			KvmProcessor clocked = (KvmProcessor) guest.processor;
			clocked.guestNanos(1_000_000_000_000L);
			long now = clocked.guestNanos();

			assertTrue(now >= 1_000_000_000_000L && now < 1_060_000_000_000L, () -> "it is " + now);
		}
	}

	private static void refused(String message, Guest guest, CpuState state) {
		CpuException refusal = assertThrows(CpuException.class, () -> guest.vcpu().restore(state));
		assertEquals(CpuException.Kind.STATE, refusal.kind());
		assertTrue(refusal.getMessage().startsWith(message), refusal::getMessage);
	}

	private static CpuState part(General general, SystemRegisters system, List<Msr> msrs, byte[] xsave, byte[] apic) {
		return new CpuState(general, system, null, msrs, null, xsave, apic, null, null);
	}

	/** As unlike a fresh one as can be. */
	private static CpuState interesting(CpuState now) {
		long[] registers = new long[16];
		for (int i = 0; i < registers.length; i++)
			registers[i] = 0x1000 + i;
		List<Msr> msrs = new ArrayList<>(List.of(new Msr(STAR, 0x0023_0010_0000_0000L),
				new Msr(LSTAR, 0xffff_ffff_8100_0000L), new Msr(KERNEL_GS_BASE, 0x7fff_0000_1234L),
				new Msr(PAT, 0x0007_0406_0007_0406L), new Msr(KvmMsrs.TSC, 1_000_000_000_000L)));
		byte[] xsave = now.xsave();
		xsave[160] = 0x5a; // XMM0
		xsave[512] |= 3; // XSTATE_BV: x87 and SSE are in use
		byte[] apic = now.localApic();
		if (apic != null) {
			apic[LAPIC_TPR] = 0x20;
			apic[LAPIC_SPURIOUS + 1] = 1; // enabled
			apic[LAPIC_LVT_TIMER] = 0x40;
			apic[LAPIC_LVT_TIMER + 2] = 1; // masked
			apic[LAPIC_DIVIDE] = 0xb;
		}
		return new CpuState(new General(registers, Guest.CODE, 0x202), Guest.longMode(now.system(), 3),
				new Debug(new long[] { 0x1000, 0x2000, 0x6000_0000L, 0x4000 }, 0xffff_0ff0L, 0x400), msrs, now.xcrs(),
				xsave,
				apic, new Events(6, false, 0, 0, -1, false, 0, false, true, -1), MpState.RUNNABLE);
	}

	private static void assertSame(CpuState a, CpuState b) {
		assertArrayEquals(a.general().registers(), b.general().registers());
		assertEquals(a.general().rip(), b.general().rip());
		assertEquals(a.general().rflags(), b.general().rflags());
		assertEquals(a.system(), b.system());
		assertArrayEquals(a.debug().dr0to3(), b.debug().dr0to3());
		assertEquals(a.debug().dr6(), b.debug().dr6());
		assertEquals(a.debug().dr7(), b.debug().dr7());
		assertEquals(withoutClocks(msrs(a)), withoutClocks(msrs(b)));
		assertTrue(msrs(b).get(KvmMsrs.TSC) >= msrs(a).get(KvmMsrs.TSC));
		assertEquals(a.xcrs(), b.xcrs());
		assertArrayEquals(a.xsave(), b.xsave());
		assertArrayEquals(withoutCount(a.localApic()), withoutCount(b.localApic()));
		assertEquals(a.events(), b.events());
		assertEquals(a.mpState(), b.mpState());
	}

	private static Map<Integer, Long> msrs(CpuState state) {
		Map<Integer, Long> msrs = new TreeMap<>();
		for (Msr msr : state.msrs())
			msrs.put(msr.index(), msr.value());
		return msrs;
	}

	private static Map<Integer, Long> withoutClocks(Map<Integer, Long> msrs) {
		Map<Integer, Long> rest = new TreeMap<>(msrs);
		rest.remove(KvmMsrs.TSC);
		return rest;
	}

	private static byte[] withoutCount(byte[] apic) {
		if (apic != null)
			for (int i = 0; i < 4; i++)
				apic[LAPIC_COUNT + i] = 0;
		return apic;
	}

	/** Runs on this thread; another one stops it. */
	private static void runFor(Vcpu vcpu, long nanos) throws Exception {
		ExecutorService clock = Executors.newSingleThreadExecutor();
		try {
			Future<?> stop = clock.submit(() -> {
				LockSupport.parkNanos(nanos);
				vcpu.stop();
			});
			assertEquals(RunEnd.STOPPED, vcpu.run());
			stop.get();
		} finally {
			clock.shutdown();
		}
	}
}
