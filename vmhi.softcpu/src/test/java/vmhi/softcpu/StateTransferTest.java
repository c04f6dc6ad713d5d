package vmhi.softcpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.CpuState.Events;
import vmhi.api.cpu.CpuState.General;
import vmhi.api.cpu.CpuState.MpState;
import vmhi.api.cpu.CpuState.Msr;
import vmhi.api.cpu.CpuState.SystemRegisters;
import vmhi.api.cpu.CpuState.Xcr;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.RunEnd;
import vmhi.softcpu.SystemGuest.Mode;

/** State that goes out and in at awkward moments, and what is refused. */
class StateTransferTest {

	@Test
	void guestThatIsMovedAfterEachInstructionDoesTheSame() throws Exception {
		String source = """
				mov ecx, 0xc0000082
				mov eax, 0x1234
				xor edx, edx
				wrmsr
				push qword 0x23
				push qword 0x9000
				push qword 0x3102
				push qword 0x2b
				push qword user
				iretq
				user:
				mov eax, 77
				int 0x40
				add eax, 1
				out 0x80, eax
				int 0x41
				handler:
				inc eax
				iretq
				trap:
				out 0x82, al
				iretq
				end:
				mov ecx, 0xc0000082
				rdmsr
				out 0x80, eax
				out 0x81, al
				""";
		try (SystemGuest guest = new SystemGuest(Mode.LONG); SoftProcessor other = guest.another()) {
			guest.load(source, "handler", "trap", "end");
			guest.gate(0x40, "handler", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);
			guest.gate(0x41, "end", SystemGuest.INTERRUPT_GATE | SystemGuest.FROM_LEVEL_3);
			guest.gate(1, "trap", SystemGuest.INTERRUPT_GATE);
			InterruptibleVcpu from = guest.vcpu;
			InterruptibleVcpu to = (InterruptibleVcpu) other.vcpu(0);
			from.restore(guest.begin());
			boolean[] trapped = { true };
			guest.host.signal = () -> {
				trapped[0] = true;
				guest.running.stop();
			};
			int moves = 0;
			while (trapped[0]) {
				trapped[0] = false;
				assertEquals(RunEnd.STOPPED, guest.run(from), () -> "said " + guest.said);
				to.restore(from.save());
				InterruptibleVcpu next = to;
				to = from;
				from = next;
				moves++;
			}
			assertEquals(List.of(78L + 1, 0x1234L), guest.said);
			assertEquals(4, moves,
					"after MOV, IRETQ of INT, ADD and OUT it was in the handler of the trap, then at the end");
		}
	}

	@Test
	void waitingVcpuStartsWhereItIsToldTo() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.REAL)) {
			guest.load("""
					mov ax, cs
					out 0x80, ax
					out 0x81, al
					""");
			CpuState start = guest.begin();
			guest.vcpu.restore(new CpuState(start.general(), start.system(), null, null, null, null, null, Events.NONE,
					MpState.INIT_RECEIVED));
			assertEquals(RunEnd.WAITING, guest.run());

			guest.vcpu.startup(SystemGuest.CODE >> 12);

			assertEquals(RunEnd.STOPPED, guest.run());
			assertEquals(List.of((long) SystemGuest.CODE >> 4), guest.said);
			guest.vcpu.startup(0x20);
			guest.vcpu.stop();
			guest.run();
			assertEquals(SystemGuest.CODE >> 4, guest.vcpu.save().system().cs().selector(),
					"it runs, and is not started");
		}
	}

	@Test
	void initTakesTheStateBackButLeavesTheFpuAndMsrs() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.vcpu.restore(guest.begin());
			CpuState before = guest.vcpu.save();
			byte[] xsave = before.xsave();
			xsave[160] = 42;
			guest.vcpu.restore(
					new CpuState(null, null, null, List.of(new Msr(0xc000_0082, 0x77)), null, xsave, null, null,
							null));

			guest.vcpu.init();

			CpuState after = guest.vcpu.save();
			assertEquals(0xfff0, after.general().rip());
			assertEquals(0, after.system().efer());
			assertEquals(0x10, after.system().cr0());
			assertEquals(MpState.RUNNABLE, after.mpState(), "it is the one that boots");
			assertArrayEquals(xsave, after.xsave());
			assertEquals(List.of(0x77L),
					after.msrs().stream().filter(msr -> msr.index() == 0xc000_0082).map(Msr::value).toList());
		}
	}

	@Test
	void shadowAndPendingNmiComeOutAsTheyWentIn() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.vcpu.restore(guest.begin());
			Events events = new Events(13, true, 0x50, 0, -1, false, 1, true, true, -1);
			guest.vcpu.restore(new CpuState(null, null, null, null, null, null, null, events, MpState.HALTED));

			assertEquals(events, guest.vcpu.save().events());
			assertEquals(MpState.HALTED, guest.vcpu.save().mpState());
		}
	}

	@Test
	void stateThatCannotBeIsRefusedAndChangesNothing() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			CpuState good = guest.begin();
			guest.vcpu.restore(good);
			SystemRegisters s = good.system();
			General other = new General(new long[16], 0x1111, 2);
			byte[] xsave = guest.vcpu.save().xsave();
			xsave[512] = 7; // XSTATE_BV with AVX
			List<CpuState> bad = new ArrayList<>();
			bad.add(new CpuState(new General(new long[15], 0, 2), null, null, null, null, null, null, null, null));
			bad.add(new CpuState(other, with(s, 0x8000_0000L, s.cr4(), 0, s.efer()), null, null, null, null, null, null,
					null));
			bad.add(new CpuState(other, with(s, s.cr0(), 0x2000 | s.cr4(), 0, s.efer()), null, null, null, null, null,
					null,
					null));
			bad.add(new CpuState(other, with(s, s.cr0(), s.cr4(), 16, s.efer()), null, null, null, null, null, null,
					null));
			bad.add(new CpuState(other, with(s, s.cr0(), s.cr4(), 0, 0x100), null, null, null, null, null, null, null));
			bad.add(new CpuState(other, null, null, List.of(new Msr(0x123, 1)), null, null, null, null, null));
			bad.add(new CpuState(other, null, null, List.of(new Msr(0xc000_0082, 1L << 50)), null, null, null, null,
					null));
			bad.add(new CpuState(other, null, null, null, List.of(new Xcr(0, 7)), null, null, null, null));
			bad.add(new CpuState(other, null, null, null, null, xsave, null, null, null));
			bad.add(new CpuState(other, null, null, null, null, null, new byte[4096], null, null));
			bad.add(new CpuState(other, null, null, null, null, null, null,
					new Events(32, false, 0, 0, -1, false, 0, false, false, -1), null));
			for (CpuState state : bad) {
				CpuException refusal = assertThrows(CpuException.class, () -> guest.vcpu.restore(state));
				assertEquals(CpuException.Kind.STATE, refusal.kind(), refusal.getMessage());
				assertEquals(good.general().rip(), guest.vcpu.save().general().rip(), refusal.getMessage());
			}
		}
	}

	private static SystemRegisters with(SystemRegisters s, long cr0, long cr4, long cr8, long efer) {
		return new SystemRegisters(s.cs(), s.ds(), s.es(), s.fs(), s.gs(), s.ss(), s.tr(), s.ldt(), s.gdt(), s.idt(),
				cr0,
				0, s.cr3(), cr4, cr8, efer, s.apicBase());
	}

	@Test
	void registersOfOtherProcessorsAreLeftOutWhereTheyDescribeThem() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.vcpu.restore(new CpuState(null, null, null, List.of(new Msr(0x10a, 0x1234), new Msr(0x480, 1),
					new Msr(0x4b56_4d00, 0), new Msr(0xc000_0082, 0x55)), null, null, null, null, null));

			assertEquals(List.of(0x55L),
					guest.vcpu.save().msrs().stream().filter(msr -> msr.index() == 0xc000_0082).map(Msr::value)
							.toList());
		}
	}

	@Test
	void clockThatIsSetLeavesTheTimeStampCounterAlone() throws Exception {
		try (SystemGuest guest = new SystemGuest(Mode.LONG)) {
			guest.vcpu.restore(
					new CpuState(null, null, null, List.of(new Msr(0x10, 1L << 50)), null, null, null, null, null));

			guest.processor.guestNanos(1L << 40);

			long counts = ((SoftVcpu) guest.vcpu).timeStamp();
			assertEquals(1L << 50, counts & -1L << 40);
			assertEquals(1L << 40, guest.processor.guestNanos() & -1L << 38);
		}
	}
}
