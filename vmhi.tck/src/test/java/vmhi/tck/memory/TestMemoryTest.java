package vmhi.tck.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import vmhi.api.memory.GuestMemory;
import vmhi.tck.memory.TestMemory.Range;

class TestMemoryTest implements GuestMemoryContract {

	@Override
	public GuestMemory memory() {
		return new TestMemory(new Range(0, 1 << 20), new Range(1 << 21, 1 << 16));
	}

	@Test
	void rangeAcrossRegionsThatTouchIsRamButHasNoSlice() {
		TestMemory memory = new TestMemory(new Range(0, 1 << 20), new Range(1 << 20, 1 << 20));
		long border = 1 << 20;

		memory.putLong(border - 3, 0x1122_3344_5566_7788L);
		assertTrue(memory.write(border - 10, ByteBuffer.wrap(new byte[] { 1, 2, 3 })));

		assertTrue(memory.contains(border - 100, 200));
		assertNull(memory.slice(border - 100, 200));
		assertEquals(0x1122_3344_5566_7788L, memory.getLong(border - 3));
		ByteBuffer block = ByteBuffer.allocate(20);
		assertTrue(memory.read(border - 10, block));
		assertArrayEquals(new byte[] { 1, 2, 3, 0 }, Arrays.copyOf(block.array(), 4));
	}

	@Test
	void gapBetweenRegionsIsNotRam() {
		GuestMemory memory = memory();

		assertFalse(memory.contains((1 << 20) - 1, 2));
		assertFalse(memory.contains((1 << 21) - 1, 1));
		assertEquals(0xff, memory.getByte(1 << 20));
	}
}
