package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.VcpuContext;

class MsrTest {
	private static final int OURS = 0x564d_4801;
	private static final int SYSENTER_CS = 0x174;

	private static final int[] READ_THEN_WRITE = {
			0x0f, 0x32, // rdmsr
			0xe7, 0x10, // out 0x10, eax
			0x0f, 0x30, // wrmsr
			0xe7, 0x11, // out 0x11, eax
			0xe6, Guest.STOP };

	private static final int[] GP_HANDLER = {
			0xe6, 0x0d, // out 13, al
			0xe6, Guest.STOP };

	/** Answers every read and takes every write. */
	private final TestHost willing = new TestHost() {
		@Override
		public boolean readMsr(VcpuContext vcpu, int index) {
			super.readMsr(vcpu, index);
			vcpu.msrValue(0x1111_2222_3333_4444L);
			return true;
		}

		@Override
		public boolean writeMsr(VcpuContext vcpu, int index, long value) {
			super.writeMsr(vcpu, index, value);
			return true;
		}
	};

	@Test
	void registersUnknownToKvmAreTheHosts() throws Exception {
		try (Guest guest = Guest.of(willing)) {
			guest.code(Guest.CODE, READ_THEN_WRITE);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RCX] = OURS);
			guest.vcpu().run();

			assertEquals(List.of("rdmsr 564d4801", "out 10/4 33334444", "wrmsr 564d4801 1111222233334444",
					"out 11/4 33334444"), willing.seen);
		}
	}

	@Test
	void registersKnownToKvmAreTheHostsIfTrapped() throws Exception {
		try (Guest guest = Guest.of(willing, new MsrRange(0x170, 3), new MsrRange(SYSENTER_CS, 1))) {
			guest.code(Guest.CODE, READ_THEN_WRITE);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RCX] = SYSENTER_CS);
			guest.vcpu().run();

			assertEquals(List.of("rdmsr 174", "out 10/4 33334444", "wrmsr 174 1111222233334444", "out 11/4 33334444"),
					willing.seen);
		}
	}

	@Test
	void registersKnownToKvmStayInKvmOtherwise() throws Exception {
		try (Guest guest = Guest.of(willing)) {
			guest.code(Guest.CODE, READ_THEN_WRITE);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RCX] = SYSENTER_CS);
			guest.vcpu().run();

			assertEquals(List.of("out 10/4 0", "out 11/4 0"), willing.seen);
		}
	}

	@Test
	void refusedReadRaisesGeneralProtection() throws Exception {
		TestHost host = new TestHost();
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, READ_THEN_WRITE).code(Guest.HANDLER, GP_HANDLER).gate(13, Guest.HANDLER);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RCX] = OURS);
			guest.vcpu().run();

			assertEquals(List.of("rdmsr 564d4801", "out d/1 0"), host.seen);
		}
	}

	@Test
	void refusedWriteRaisesGeneralProtection() throws Exception {
		TestHost host = new TestHost();
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE, 0x0f, 0x30) // wrmsr
					.code(Guest.HANDLER, GP_HANDLER).gate(13, Guest.HANDLER);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RCX] = OURS);
			guest.vcpu().run();

			assertEquals(List.of("wrmsr 564d4801 0", "out d/1 0"), host.seen);
		}
	}

	@Test
	void moreRangesThanKvmHasAreRefusedWithTheNumber() {
		List<MsrRange> ranges = new ArrayList<>();
		for (int i = 0; i < 15; i++)
			ranges.add(new MsrRange(0x4000_0000 + 16 * i, 1));
		ranges.add(new MsrRange(0xc000_0000, 0x3001)); // one more than a range of KVM's holds

		CpuException refusal = assertThrows(CpuException.class, () -> new KvmMsrFilter(ranges));
		assertEquals(CpuException.Kind.UNSUPPORTED, refusal.kind());
		assertEquals("17 ranges of MSRs to trap, KVM takes 16 (of up to 12288 each)", refusal.getMessage());
	}
}
