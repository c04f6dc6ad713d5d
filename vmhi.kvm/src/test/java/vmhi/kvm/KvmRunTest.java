package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RSP;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.cpu.VcpuContext;

/** The exit page, without a kernel. */
class KvmRunTest {
	private final ByteBuffer page = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN);
	private final KvmRun run = new KvmRun(page);
	private final TestHost host = new TestHost() {
		@Override
		public long readPort(VcpuContext vcpu, int port, int size) {
			super.readPort(vcpu, port, size);
			return 0xa0 + seen.size();
		}

		@Override
		public long readMmio(VcpuContext vcpu, long gpa, int size) {
			super.readMmio(vcpu, gpa, size);
			return 0x1234_5678;
		}
	};

	@Test
	void outWithACountWritesEveryByteToTheSamePort() {
		page.put(32, (byte) 1).put(33, (byte) 1).putShort(34, (short) 0xfff8).putInt(36, 3).putLong(40, 4096);
		page.put(4096, new byte[] { 'a', 'b', (byte) 0xff });

		run.io(host, null);

		assertEquals(List.of("out fff8/1 61", "out fff8/1 62", "out fff8/1 ff"), host.seen);
	}

	@Test
	void inWithACountFillsTheDataInOrder() {
		page.put(33, (byte) 2).putShort(34, (short) 0x1f0).putInt(36, 2).putLong(40, 4096);

		run.io(host, null);

		assertEquals(List.of("in 1f0/2", "in 1f0/2"), host.seen);
		assertEquals(0x00a2_00a1, page.getInt(4096));
	}

	@Test
	void mmioReadPutsTheAnswerWhereTheGuestLooksForIt() {
		page.putLong(32, 0xfee0_0020L).putLong(40, -1).putInt(48, 4);

		run.mmio(host, null);

		assertEquals(List.of("load fee00020/4"), host.seen);
		assertEquals(0x1234_5678, page.getInt(40));
		assertEquals(-1, page.getInt(44));
	}

	@ParameterizedTest(name = "{0} bytes")
	@CsvSource({ "1, 88", "2, 7788", "3, 667788", "4, 55667788", "7, 22334455667788", "8, 9122334455667788" })
	void mmioWriteOfAnySizeIsZeroExtended(int size, String value) {
		page.putLong(32, 0x1000).putLong(40, 0x9122_3344_5566_7788L).putInt(48, size).put(52, (byte) 1);

		run.mmio(host, null);

		assertEquals(List.of("store 1000/%d %s".formatted(size, value)), host.seen);
	}

	@Test
	void registersAreNumberedAsInstructionsDoAndDirtyWhenWritten() {
		page.putLong(304 + 8, 0xb).putLong(304 + 48, 0x5);

		assertEquals(1, page.getLong(288), "asked for");
		assertEquals(0xb, run.register(RBX));
		assertEquals(0x5, run.register(RSP));
		assertEquals(0, page.getLong(296));
		run.register(15, 0xf);
		assertEquals(0xf, page.getLong(304 + 120));
		assertEquals(1, page.getLong(296));
	}

	@Test
	void systemEventsThatEndTheMachineAreToldFromOthers() {
		page.putInt(8, KvmRun.EXIT_SYSTEM_EVENT).putInt(32, 2);
		assertTrue(run.endsMachine());
		page.putInt(32, 3);
		assertFalse(run.endsMachine());
		page.putInt(8, KvmRun.EXIT_UNKNOWN).putInt(32, 2);
		assertFalse(run.endsMachine());
	}

	@Test
	void refusedHypercallIsAnsweredAsKvmDoes() {
		run.refuseHypercall();

		assertEquals(-1000, page.getLong(88));
	}
}
