package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.DirtySource;
import vmhi.api.memory.MemoryRegion;

class KvmMemoryTest {
	private final List<String> pages = new ArrayList<>();

	@Test
	void bitsBecomeRunsOfPages() {
		MemoryRegion region = new MemoryRegion(1L << 32, 200 * 4096, 0);
		ByteBuffer bits = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
		bits.putLong(0, 1L << 63 | 0b1101).putLong(8, 1).putLong(24, 0b1000_0000);

		KvmMemory.visit(region, bits, this::note);

		assertEquals(List.of("100000000+1000", "100002000+2000", "10003f000+2000", "1000c7000+1000"), pages);
	}

	@Test
	void bitsBeyondTheRegionAreNotPages() {
		ByteBuffer bits = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, -1);

		KvmMemory.visit(new MemoryRegion(0, 3 * 4096, 0), bits, this::note);

		assertEquals(List.of("0+3000"), pages);
	}

	@Test
	void exactlyThePagesWrittenWhileTrackingAreHandedOverOnce() throws Exception {
		try (Guest guest = Guest.of(new TestHost())) {
			DirtySource source = (DirtySource) guest.processor;
			guest.code(Guest.CODE,
					0xc6, 0x03, 0x01, // mov byte [rbx], 1
					0xe6, Guest.STOP,
					0xc6, 0x83, 0x00, 0x10, 0x00, 0x00, 0x02, // mov byte [rbx+0x1000], 2
					0xc7, 0x83, 0xfe, 0x4f, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, // mov dword [rbx+0x4ffe], 3: two pages
					0x8a, 0x83, 0x00, 0x70, 0x00, 0x00, // mov al, [rbx+0x7000]
					0xe6, Guest.STOP,
					0xc6, 0x03, 0x04, // mov byte [rbx], 4
					0xe6, Guest.STOP,
					0xc6, 0x03, 0x05, // mov byte [rbx], 5
					0xe6, Guest.STOP);
			guest.start(guest.vcpu(), 0, Guest.CODE, r -> r[VcpuContext.RBX] = Guest.DATA);
			guest.vcpu().run();
			source.collectDirty(this::note);
			assertEquals(List.of(), pages, "not tracked");

			source.trackDirty(true);
			guest.vcpu().run();
			source.collectDirty(this::note);
			assertEquals(List.of("31000+1000", "34000+2000"), pages);

			pages.clear();
			source.collectDirty(this::note);
			assertEquals(List.of(), pages, "already handed over");
			guest.vcpu().run();
			source.collectDirty(this::note);
			assertEquals(List.of("30000+1000"), pages);

			pages.clear();
			source.trackDirty(false);
			guest.vcpu().run();
			source.collectDirty(this::note);
			source.trackDirty(true);
			source.collectDirty(this::note);
			assertEquals(List.of(), pages, "what was written meanwhile does not count");
		}
	}

	@Test
	void pagesWrittenByUserCodeAreSeenToo() throws Exception {
		try (Guest guest = Guest.of(new TestHost())) {
			DirtySource source = (DirtySource) guest.processor;
			guest.code(Guest.CODE,
					0xc6, 0x03, 0x01, // next: mov byte [rbx], 1
					0x48, 0x81, 0xc3, 0x00, 0x10, 0x00, 0x00, // add rbx, 0x1000
					0xff, 0xc9, // dec ecx
					0x75, 0xf2, // jnz next
					0xe6, Guest.STOP);
			for (int round = 0; round < 2; round++) {
				guest.start(guest.vcpu(), 3, Guest.CODE, r -> {
					r[VcpuContext.RBX] = Guest.DATA;
					r[VcpuContext.RCX] = 100;
				});
				guest.vcpu().run();
				source.collectDirty(this::note);
				source.trackDirty(true);
			}
			assertEquals(List.of("30000+64000"), pages);
		}
	}

	private void note(long gpa, long length) {
		pages.add("%x+%x".formatted(gpa, length));
	}
}
