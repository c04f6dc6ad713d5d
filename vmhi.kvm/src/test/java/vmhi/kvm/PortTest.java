package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static vmhi.api.cpu.VcpuContext.R10;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RDX;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.VcpuContext;

class PortTest {
	private final TestHost host = new TestHost();

	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void outOfEachSizeReachesTheHost(int privilege) throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE,
					0xb8, 0x78, 0x56, 0x34, 0x92, // mov eax, 0x92345678
					0xe6, 0x10, // out 0x10, al
					0x66, 0xe7, 0x20, // out 0x20, ax
					0xe7, 0x40, // out 0x40, eax
					0x66, 0xba, 0xf8, 0x03, // mov dx, 0x3f8
					0xee, // out dx, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), privilege);

			assertEquals(RunEnd.STOPPED, guest.vcpu().run());
			assertEquals(List.of("out 10/1 78", "out 20/2 5678", "out 40/4 92345678", "out 3f8/1 78"), host.seen);
		}
	}

	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void inOfEachSizeFillsAsMuchOfRaxAsTheProcessorWould(int privilege) throws Exception {
		long[] rax = new long[3];
		TestHost answers = new TestHost() {
			@Override
			public long readPort(VcpuContext vcpu, int port, int size) {
				return 0x89ab_cdefL & (1L << 8 * size) - 1;
			}

			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				rax[port] = vcpu.register(RAX);
			}
		};
		try (Guest guest = Guest.of(answers)) {
			guest.code(Guest.CODE,
					0x48, 0x83, 0xc8, 0xff, // or rax, -1
					0xe4, 0x10, // in al, 0x10
					0xe6, 0x00, // out 0, al
					0x66, 0xe5, 0x10, // in ax, 0x10
					0xe6, 0x01, // out 1, al
					0xe5, 0x10, // in eax, 0x10
					0xe6, 0x02, // out 2, al
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), privilege);
			guest.vcpu().run();

			assertEquals(0xffff_ffff_ffff_ffefL, rax[0]);
			assertEquals(0xffff_ffff_ffff_cdefL, rax[1]);
			assertEquals(0x89ab_cdefL, rax[2]);
		}
	}

	@Test
	void repInsTakesAsManyValuesAsItAskedFor() throws Exception {
		int[] next = { 1 };
		TestHost counting = new TestHost() {
			@Override
			public long readPort(VcpuContext vcpu, int port, int size) {
				return next[0]++;
			}
		};
		try (Guest guest = Guest.of(counting)) {
			guest.code(Guest.CODE,
					0xba, 0xf0, 0x01, 0x00, 0x00, // mov edx, 0x1f0
					0xbf, 0x00, 0x00, 0x03, 0x00, // mov edi, DATA
					0xb9, 0x00, 0x02, 0x00, 0x00, // mov ecx, 512
					0xf3, 0x66, 0x6d, // rep insw
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();

			assertEquals(513, next[0]);
			assertEquals(1, guest.ram.getShort(Guest.DATA));
			assertEquals(512, guest.ram.getShort(Guest.DATA + 1022));
			assertEquals(0, guest.ram.getShort(Guest.DATA + 1024));
		}
	}

	@Test
	void repOutsSendsEveryValue() throws Exception {
		try (Guest guest = Guest.of(host)) {
			guest.ram.putInt(Guest.DATA, 0x0403_0201);
			guest.code(Guest.CODE,
					0xba, 0xf8, 0x03, 0x00, 0x00, // mov edx, 0x3f8
					0xbe, 0x00, 0x00, 0x03, 0x00, // mov esi, DATA
					0xb9, 0x04, 0x00, 0x00, 0x00, // mov ecx, 4
					0xf3, 0x6e, // rep outsb
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0);
			guest.vcpu().run();

			assertEquals(List.of("out 3f8/1 1", "out 3f8/1 2", "out 3f8/1 3", "out 3f8/1 4"), host.seen);
		}
	}

	/** What a hypercall is made of. */
	@ParameterizedTest(name = "at privilege level {0}")
	@ValueSource(ints = { 0, 3 })
	void hostReadsAndSetsWholeRegistersDuringOut(int privilege) throws Exception {
		long[] arguments = new long[2];
		long[] result = new long[2];
		TestHost answers = new TestHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == 0xe4) {
					arguments[0] = vcpu.register(RBX);
					arguments[1] = vcpu.register(R10);
					vcpu.register(RAX, 0x8000_0000_0000_0001L);
					vcpu.register(R10, -10);
				} else {
					result[0] = vcpu.register(RAX);
					result[1] = vcpu.register(RDX);
				}
			}
		};
		try (Guest guest = Guest.of(answers)) {
			guest.code(Guest.CODE,
					0xe7, 0xe4, // out 0xe4, eax
					0x4c, 0x89, 0xd2, // mov rdx, r10
					0xe7, 0xe6, // out 0xe6, eax
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), privilege, Guest.CODE, r -> {
				r[RBX] = 0xb000_0000_0000_000bL;
				r[R10] = 0xa000_0000_0000_000aL;
			});
			guest.vcpu().run();

			assertEquals(0xb000_0000_0000_000bL, arguments[0]);
			assertEquals(0xa000_0000_0000_000aL, arguments[1]);
			assertEquals(0x8000_0000_0000_0001L, result[0]);
			assertEquals(-10, result[1]);
		}
	}
}
