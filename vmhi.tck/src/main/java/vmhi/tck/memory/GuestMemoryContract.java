package vmhi.tck.memory;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.memory.WriteListener;
import vmhi.tck.Contract;

/**
 * What every {@link GuestMemory} does. A test class implements this interface and says how to make RAM; the core does,
 * and so does {@link TestMemory}, so that what a plug-in was tested with is like what it will meet.
 */
@Contract(value = "vmhi.api.memory", version = GuestMemory.CONTRACT)
public interface GuestMemoryContract {

	/** RAM that nobody has written to: a first region from address 0 on, of 1 MiB or more, and any others. */
	GuestMemory memory();

	@Test
	default void regionsAreWholePagesInAscendingOrder() {
		GuestMemory memory = memory();
		long end = 0;
		long sum = 0;

		for (MemoryRegion region : memory.regions()) {
			assertEquals(0, (region.gpa() | region.size() | region.hostAddress()) % GuestMemory.PAGE_SIZE);
			assertTrue(region.size() > 0 && region.gpa() >= end, region.toString());
			end = region.end();
			sum += region.size();
		}
		assertEquals(sum, memory.size());
	}

	@Test
	default void numbersAreLittleEndian() {
		GuestMemory memory = memory();

		memory.putLong(0x1000, 0x8877_6655_4433_2211L);
		memory.putInt(0x1008, 0xccbb_aa99);
		memory.putShort(0x100c, 0xeedd);
		memory.putByte(0x100e, 0x1ff);

		assertAll(
				() -> assertEquals(0x11, memory.getByte(0x1000)),
				() -> assertEquals(0x88, memory.getByte(0x1007)),
				() -> assertEquals(0x8877, memory.getShort(0x1006)),
				() -> assertEquals(0xccbb_aa99, memory.getInt(0x1008)),
				() -> assertEquals(0xeedd, memory.getShortAcquire(0x100c)),
				() -> assertEquals(0xff, memory.getByte(0x100e)),
				() -> assertEquals(0x00ff_eedd_ccbb_aa99L, memory.getLong(0x1008)));
	}

	@Test
	default void numbersNeedNotBeAligned() {
		GuestMemory memory = memory();

		memory.putLong(0x1ffd, 0x0102_0304_0506_0708L);

		assertEquals(0x0102_0304_0506_0708L, memory.getLong(0x1ffd));
		assertEquals(0x0506_0708, memory.getInt(0x1ffd));
		assertEquals(0x0102, memory.getShort(0x2003));
	}

	@Test
	default void releasedStoreIsReadAsAnyOther() {
		GuestMemory memory = memory();

		memory.putIntRelease(0x1000, 0x89ab_cdef);
		memory.putShortRelease(0x1004, 0x1_4567);

		assertEquals(0x89ab_cdef, memory.getIntAcquire(0x1000));
		assertEquals(0x4567, memory.getShort(0x1004));
	}

	@Test
	default void outsideRamThereAreAllOnesAndWritesAreDropped() {
		GuestMemory memory = memory();

		for (long gpa : outside(memory)) {
			memory.putByte(gpa, 1);
			memory.putShort(gpa, 1);
			memory.putInt(gpa, 1);
			memory.putLong(gpa, 1);
			memory.putShortRelease(gpa & ~1, 1);
			memory.putIntRelease(gpa & ~3, 1);

			assertEquals(0xff, memory.getByte(gpa));
			assertEquals(0xffff, memory.getShort(gpa));
			assertEquals(-1, memory.getInt(gpa));
			assertEquals(-1, memory.getLong(gpa));
			assertEquals(0xffff, memory.getShortAcquire(gpa & ~1));
			assertEquals(-1, memory.getIntAcquire(gpa & ~3));
		}
	}

	@Test
	default void numberThatIsOnlyPartlyInRamIsOutside() {
		GuestMemory memory = memory();
		long last = end(memory) - 1;

		memory.putByte(last, 0x5a);
		memory.putLong(last, 0);

		assertEquals(0x5a, memory.getByte(last));
		assertEquals(0xffff, memory.getShort(last));
		assertEquals(-1, memory.getInt(last));
		assertEquals(-1, memory.getLong(last - 6));
	}

	@Test
	default void rangeThatWrapsOrIsNegativeIsNotRam() {
		GuestMemory memory = memory();

		assertTrue(memory.contains(0, 0));
		assertTrue(memory.contains(0, 1 << 20));
		for (long length : new long[] { -1, Long.MIN_VALUE, Long.MAX_VALUE, end(memory) + 1 })
			assertFalse(memory.contains(0, length), () -> "length " + length);
		for (long gpa : outside(memory))
			assertFalse(memory.contains(gpa, 1), () -> Long.toHexString(gpa));
		assertFalse(memory.contains(-4096, 8192));
	}

	@Test
	default void blockGoesInAndOut() {
		GuestMemory memory = memory();
		ByteBuffer source = ByteBuffer.wrap(new byte[] { 9, 1, 2, 3, 9 }, 1, 3);
		ByteBuffer target = ByteBuffer.allocate(5).position(1).limit(4);

		assertTrue(memory.write(0xfff, source));
		assertTrue(memory.read(0xfff, target));

		assertArrayEquals(new byte[] { 0, 1, 2, 3, 0 }, target.array());
		assertEquals(4, target.position());
		assertEquals(4, source.position());
		assertEquals(0, memory.getByte(0x1002));
	}

	@Test
	default void blockThatIsNotAllRamMovesNothing() {
		GuestMemory memory = memory();
		long near = end(memory) - 2;
		ByteBuffer source = ByteBuffer.wrap(new byte[] { 1, 2, 3 });
		ByteBuffer target = ByteBuffer.wrap(new byte[] { 4, 5, 6 });

		assertFalse(memory.write(near, source));
		assertFalse(memory.read(near, target));
		assertFalse(memory.read(-1, target));

		assertEquals(0, memory.getShort(near));
		assertEquals(0, source.position());
		assertEquals(0, target.position());
		assertArrayEquals(new byte[] { 4, 5, 6 }, target.array());
	}

	@Test
	default void sliceIsRamItself() {
		GuestMemory memory = memory();

		ByteBuffer slice = memory.slice(0x2001, 64);
		slice.putInt(3, 0x1234_5678);
		memory.putByte(0x2001, 7);

		assertTrue(slice.isDirect());
		assertEquals(ByteOrder.LITTLE_ENDIAN, slice.order());
		assertEquals(0, slice.position());
		assertEquals(64, slice.limit());
		assertEquals(64, slice.capacity());
		assertEquals(0x1234_5678, memory.getInt(0x2004));
		assertEquals(7, slice.get(0));
	}

	@Test
	default void thereIsNoSliceOutsideRam() {
		GuestMemory memory = memory();

		assertNull(memory.slice(end(memory) - 1, 2));
		assertNull(memory.slice(0, Integer.MAX_VALUE));
		for (long gpa : outside(memory))
			assertNull(memory.slice(gpa, 1), () -> Long.toHexString(gpa));
	}

	@Test
	default void trackerTellsEachWrittenPageOnce() {
		GuestMemory memory = memory();
		memory.putByte(0x5000, 1);

		try (DirtyTracker tracker = memory.track()) {
			memory.putLong(0x1ffc, -1);
			memory.putByte(0x3000, 0);
			memory.write(0x8fff, ByteBuffer.wrap(new byte[2]));

			assertEquals(List.of("1000+3000", "8000+2000"), pages(tracker));
			assertEquals(List.of(), pages(tracker));
		}
	}

	@Test
	default void trackerTellsOfASliceWhatWasMarked() {
		GuestMemory memory = memory();

		try (DirtyTracker one = memory.track(); DirtyTracker other = memory.track()) {
			memory.slice(0x4000, 0x4000).putInt(0x1004, 5);
			memory.markDirty(0x5004, 4);
			memory.markDirty(-4096, 8192);
			memory.markDirty(0x7000, 0);

			assertTrue(pages(one).contains("5000+1000"));
			assertTrue(pages(other).contains("5000+1000"));
		}
	}

	@Test
	default void listenerIsToldOfEachWriteAfterItAndUntilItIsRemoved() {
		GuestMemory memory = memory();
		List<String> told = new ArrayList<>();
		WriteListener listener = (gpa, length) -> told
				.add("%x+%x=%x".formatted(gpa, length, memory.getByte(gpa + length - 1)));
		memory.addWriteListener(listener);

		memory.putByte(0x1000, 1);
		memory.putShort(0x2000, 0x0200);
		memory.putInt(0x3000, 0x0300_0000);
		memory.putLong(0x3ffc, 0x0400_0000_0000_0000L);
		memory.putShortRelease(0x5000, 0x0500);
		memory.putIntRelease(0x6000, 0x0600_0000);
		memory.write(0x7000, ByteBuffer.wrap(new byte[] { 0, 0, 7 }));
		memory.slice(0x8000, 64).put(9, (byte) 8);
		memory.markDirty(0x8000, 10);
		memory.write(0x9000, ByteBuffer.allocate(0));
		for (long gpa : outside(memory)) {
			memory.putLong(gpa, 1);
			memory.markDirty(gpa, 8);
		}
		memory.removeWriteListener(listener);
		memory.putByte(0x1000, 9);

		assertEquals(List.of("1000+1=1", "2000+2=2", "3000+4=3", "3ffc+8=4", "5000+2=5", "6000+4=6", "7000+3=7",
				"8000+a=8"), told);
	}

	@Test
	default void listenerThatThrowsIsToldNoMoreAndTheWriteIsDone() {
		GuestMemory memory = memory();
		List<Long> told = new ArrayList<>();
		WriteListener broken = (gpa, length) -> {
			told.add(gpa);
			throw new IllegalStateException("on purpose");
		};
		memory.addWriteListener(broken);

		memory.putByte(0x1000, 1);
		memory.putByte(0x1001, 2);

		assertEquals(List.of(0x1000L), told);
		assertEquals(0x0201, memory.getShort(0x1000));
	}

	@Test
	default void releasedPagesAreToldAsWritten() {
		GuestMemory memory = memory();
		memory.putLong(0x4ff8, -1);
		long[] bytes = { 0 };
		memory.addWriteListener((gpa, length) -> bytes[0] += length);

		memory.release(0x4000, 0x2000);

		assertEquals(0x2000, bytes[0]);
	}

	@Test
	default void releasedPagesReadAsZerosAndTheirNeighboursStay() {
		GuestMemory memory = memory();
		for (long gpa = 0x1000; gpa < 0x6000; gpa += 8)
			memory.putLong(gpa, -1);

		assertEquals(0x2000, memory.release(0x1800, 0x3000));
		assertEquals(0, memory.release(0x5001, 0xffe));
		assertEquals(0, memory.release(end(memory) - 0x1000, 0x2000));

		assertEquals(-1, memory.getLong(0x1ff8));
		assertEquals(0, memory.getLong(0x2000));
		assertEquals(0, memory.getLong(0x3ff8));
		assertEquals(-1, memory.getLong(0x4000));
		memory.putLong(0x2000, 5);
		assertEquals(5, memory.getLong(0x2000));
	}

	@Test
	default void threadThatSeesAReleasedFlagSeesWhatWasWrittenBefore() throws InterruptedException {
		GuestMemory memory = memory();
		Thread writer = new Thread(() -> {
			for (int i = 1; i <= 100_000; i++) {
				memory.putInt(0x9000, i);
				memory.putIntRelease(0x9100, i);
			}
		});
		writer.start();
		for (int flag = 0; flag < 100_000;) {
			flag = memory.getIntAcquire(0x9100);
			int data = memory.getInt(0x9000);
			if (data < flag)
				fail("data " + data + " behind flag " + flag);
		}
		writer.join();
	}

	private static long end(GuestMemory memory) {
		List<MemoryRegion> regions = memory.regions();
		return regions.get(regions.size() - 1).end();
	}

	private static long[] outside(GuestMemory memory) {
		return new long[] { end(memory), end(memory) + 0x1234_5000L, -1, -8, Long.MIN_VALUE, Long.MAX_VALUE };
	}

	private static List<String> pages(DirtyTracker tracker) {
		List<String> pages = new ArrayList<>();
		long[] sum = new long[1];
		long count = tracker.collect((gpa, length) -> {
			pages.add("%x+%x".formatted(gpa, length));
			sum[0] += length;
		});
		assertEquals(sum[0] / GuestMemory.PAGE_SIZE, count);
		return pages;
	}
}
