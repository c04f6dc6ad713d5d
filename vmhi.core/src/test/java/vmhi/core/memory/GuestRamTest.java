package vmhi.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import com.sun.jna.Pointer;

import vmhi.api.memory.DirtySource;
import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;

/** RAM of 6 GiB, of which next to nothing is touched: up to 3 GiB, and from 4 to 7 GiB. */
@Timeout(60)
class GuestRamTest {
	private static final long GIB = 1L << 30;
	private static final long SIZE = 6 * GIB;
	private static final long[] BORDERS = { 0, GIB, 2 * GIB, 3 * GIB, 4 * GIB, 5 * GIB, 7 * GIB, Long.MIN_VALUE };

	private final Cleaner cleaner = Cleaner.create();
	private final GuestRam ram = new GuestRam(SIZE, cleaner);

	@AfterEach
	void close() {
		ram.close();
	}

	private static boolean isRam(long gpa) {
		return gpa >= 0 && gpa < 3 * GIB || gpa >= 4 * GIB && gpa < 7 * GIB;
	}

	private static boolean isRam(long gpa, int length) {
		return isRam(gpa) && isRam(gpa + length - 1);
	}

	@Test
	void liesAroundTheGapForDevices() {
		assertEquals(SIZE, ram.size());
		assertEquals(List.of("0 3", "4 7"),
				ram.regions().stream().map(region -> region.gpa() / GIB + " " + region.end() / GIB).toList());
		try (GuestRam small = new GuestRam(1 << 20, cleaner); GuestRam full = new GuestRam(3 * GIB, cleaner)) {
			assertEquals(1, small.regions().size());
			assertEquals(1, full.regions().size());
			assertEquals(0xff, small.getByte(1 << 20));
		}
	}

	@Test
	void isInHugePagesWhereTheHostHasThem() throws IOException {
		assumeTrue(Files.isDirectory(Path.of("/sys/kernel/mm/transparent_hugepage")), "no huge pages in this kernel");
		List<String> maps = Files.readAllLines(Path.of("/proc/self/smaps"));
		for (MemoryRegion region : ram.regions()) {
			assertEquals(0, region.hostAddress() % (2 << 20));
			int mapping = 0;
			while (!maps.get(mapping).startsWith(Long.toHexString(region.hostAddress()) + "-"))
				mapping++;
			List<String> of = maps.subList(mapping, Math.min(mapping + 30, maps.size()));
			assertTrue(of.stream().filter(line -> line.startsWith("VmFlags")).findFirst().orElse("").contains(" hg"),
					() -> String.join("\n", of));
		}
	}

	@Test
	void numbersOfEverySizeAreKeptAtEveryBorder() {
		for (long border : BORDERS)
			for (int shift = -9; shift <= 9; shift++)
				for (int size : new int[] { 1, 2, 4, 8 }) {
					long gpa = border + shift;
					long value = 0x8182_8384_8586_8788L + shift;
					long mask = -1L >>> 64 - 8 * size;
					put(gpa, size, value);
					long expected = isRam(gpa, size) ? value & mask : mask;
					assertEquals(expected, get(gpa, size) & mask, "%d bytes at %#x".formatted(size, gpa));
					if (isRam(gpa, size))
						assertEquals(value & 0xff, ram.getByte(gpa), "little-endian");
				}
	}

	private void put(long gpa, int size, long value) {
		switch (size) {
			case 1 -> ram.putByte(gpa, (int) value);
			case 2 -> ram.putShort(gpa, (int) value);
			case 4 -> ram.putInt(gpa, (int) value);
			default -> ram.putLong(gpa, value);
		}
	}

	private long get(long gpa, int size) {
		return switch (size) {
			case 1 -> ram.getByte(gpa);
			case 2 -> ram.getShort(gpa);
			case 4 -> ram.getInt(gpa);
			default -> ram.getLong(gpa);
		};
	}

	@Test
	void orderedAccessesAreNumbersLikeTheOthersEvenWhereTheyAreNotAligned() {
		for (long gpa : new long[] { 0, 1, 2, 3, GIB - 2, GIB - 1, 3 * GIB - 2, 3 * GIB - 1, 3 * GIB, -1, 7 * GIB }) {
			ram.putShortRelease(gpa, 0x1_abcd);
			assertEquals(isRam(gpa, 2) ? 0xabcd : 0xffff, ram.getShortAcquire(gpa), "%#x".formatted(gpa));
			ram.putIntRelease(gpa, 0x8234_5678);
			assertEquals(isRam(gpa, 4) ? 0x8234_5678 : -1, ram.getIntAcquire(gpa), "%#x".formatted(gpa));
		}
	}

	@Test
	void containsWhateverItIsAsked() {
		long[] lengths = { 0, 1, 4096, GIB, 3 * GIB, 3 * GIB + 1, 6 * GIB, Long.MAX_VALUE, -1, Long.MIN_VALUE };
		for (long border : BORDERS)
			for (long gpa = border - 2; gpa <= border + 2; gpa++)
				for (long length : lengths) {
					boolean first = gpa >= 0 && gpa < 3 * GIB && length >= 0 && length <= 3 * GIB - gpa;
					boolean second = gpa >= 4 * GIB && gpa < 7 * GIB && length >= 0 && length <= 7 * GIB - gpa;
					assertEquals(first || second, ram.contains(gpa, length), "%#x %#x".formatted(gpa, length));
				}
	}

	@Test
	void blocksCrossWindowsAndNeverHalfARange() {
		byte[] data = new byte[5000];
		for (int i = 0; i < data.length; i++)
			data[i] = (byte) (i * 7);
		for (long border : BORDERS) {
			long gpa = border - 2500;
			boolean whole = isRam(gpa, data.length);
			ByteBuffer source = ByteBuffer.wrap(data);
			assertEquals(whole, ram.write(gpa, source));
			assertEquals(whole ? 0 : data.length, source.remaining());
			ByteBuffer target = ByteBuffer.allocateDirect(data.length + 2).position(1).limit(data.length + 1);
			assertEquals(whole, ram.read(gpa, target));
			assertEquals(whole ? data.length + 1 : 1, target.position());
			if (whole) {
				byte[] back = new byte[data.length];
				target.get(1, back);
				assertArrayEquals(data, back);
			} else if (isRam(gpa)) {
				assertEquals(0, ram.getByte(gpa), "nothing was written");
			}
		}
	}

	@Test
	void aSliceIsRamItselfWhereItIsInOnePiece() {
		for (long border : BORDERS) {
			assertNull(ram.slice(border - 8, 16));
			assertEquals(isRam(border), ram.slice(border, 16) != null);
			assertEquals(isRam(border - 16), ram.slice(border - 16, 16) != null);
			for (int length : new int[] { 0, -1, Integer.MIN_VALUE })
				assertNull(ram.slice(border, length));
		}
		assertEquals(1 << 30, ram.slice(GIB, 1 << 30).capacity());
		assertNull(ram.slice(GIB, Integer.MAX_VALUE));
		ByteBuffer slice = ram.slice(5 * GIB + 100, 8);
		assertEquals(ByteOrder.LITTLE_ENDIAN, slice.order());
		slice.putLong(0, 0x1122_3344_5566_7788L);
		assertEquals(0x1122_3344_5566_7788L, ram.getLong(5 * GIB + 100));
		assertThrows(IndexOutOfBoundsException.class, () -> slice.getLong(1));
	}

	@Test
	void aRegionIsWhereItsHostAddressSays() {
		ram.putLong(4 * GIB + 8, 42);
		assertEquals(42, new Pointer(ram.regions().get(1).hostAddress()).getLong(8));
		assertEquals(0, ram.regions().get(1).hostAddress() % GuestMemory.PAGE_SIZE);
	}

	@Test
	void whatIsReleasedReadsZerosAndNothingBesideIt() {
		for (long gpa : new long[] { 0, 4 * GIB }) {
			for (int i = 0; i < 5 * 4096; i += 8)
				ram.putLong(gpa + i, -1);
			assertEquals(2 * 4096, ram.release(gpa + 4095, 3 * 4096));
			for (int i = 0; i < 5 * 4096; i += 8)
				assertEquals(i >= 4096 && i < 3 * 4096 ? 0 : -1, ram.getLong(gpa + i), "at " + i);
		}
		for (long[] nothing : new long[][] { { 0, 0 }, { 1, 4096 }, { 0, -1 }, { 3 * GIB - 4096, 8192 },
				{ -4096, 4096 },
				{ 0, Long.MAX_VALUE } })
			assertEquals(0, ram.release(nothing[0], nothing[1]));
	}

	@Test
	void aLateAccessReadsZerosAndTakesNothingDown() {
		ByteBuffer slice = ram.slice(0, 4096);
		ram.putLong(0, -1);
		ram.putLong(6 * GIB, -1);
		ram.close();
		assertEquals(0, ram.getLong(0));
		assertEquals(0, ram.getLong(6 * GIB));
		assertEquals(0, slice.getLong(0));
		slice.putLong(0, 5);
		ram.putLong(0, 6);
		assertEquals(6, slice.getLong(0));
		ram.close();
	}

	private static BitSet collect(DirtyTracker tracker) {
		BitSet pages = new BitSet();
		long[] end = { 0, 0 };
		long count = tracker.collect((gpa, length) -> {
			assertTrue(gpa >= end[0] && length > 0 && (gpa | length) % 4096 == 0);
			end[0] = gpa + length;
			end[1] += length / 4096;
			pages.set((int) (gpa >> 12), (int) (end[0] >> 12));
		});
		assertEquals(count, end[1]);
		return pages;
	}

	private static BitSet pages(long... gpas) {
		BitSet pages = new BitSet();
		for (long gpa : gpas)
			pages.set((int) (gpa >> 12));
		return pages;
	}

	@Test
	void everyWayOfWritingMarksItsPagesAndNoOthers() {
		ram.putByte(0, 1); // before anybody asks
		try (DirtyTracker tracker = ram.track()) {
			assertEquals(pages(), collect(tracker));
			ram.putByte(0x1fff, 1);
			ram.putShort(0x3fff, 1);
			ram.putInt(GIB - 2, 1);
			ram.putLong(2 * GIB, 1);
			ram.putShortRelease(0x10000, 1);
			ram.putIntRelease(0x20000, 1);
			ram.write(7 * GIB - 4097, ByteBuffer.allocate(4097));
			ram.markDirty(0x30000, 4097);
			ram.release(0x40000, 4096);
			assertEquals(pages(0x1000, 0x3000, 0x4000, GIB - 1, GIB, 2 * GIB, 0x10000, 0x20000, 7 * GIB - 8192,
					7 * GIB - 4096, 0x30000, 0x31000, 0x40000), collect(tracker));
			assertEquals(pages(), collect(tracker));
			ram.getLong(0);
			ram.putLong(3 * GIB - 4, 1);
			ram.putLong(-8, 1);
			ram.write(0, ByteBuffer.allocate(0));
			ram.write(4096, ByteBuffer.allocate(0));
			ram.markDirty(0, 0);
			ram.markDirty(0, -1);
			ram.markDirty(0, Long.MAX_VALUE);
			ram.markDirty(-4096, 4096);
			assertEquals(pages(), collect(tracker));
		}
	}

	@Test
	void trackersAreIndependentAndEndByThemselves() {
		DirtyTracker first = ram.track();
		ram.putByte(0, 1);
		DirtyTracker second = ram.track();
		ram.putByte(4096, 1);
		assertEquals(pages(0, 4096), collect(first));
		assertEquals(pages(4096), collect(second));
		first.close();
		first.close();
		ram.putByte(8192, 1);
		assertEquals(pages(8192), collect(second));
		second.close();
	}

	@Test
	void aPageThatIsMarkedWhileTheyAreCollectedIsNotLost() throws Exception {
		int pages = 128;
		int rounds = 20_000;
		AtomicIntegerArray written = new AtomicIntegerArray(pages);
		List<Thread> writers = new ArrayList<>();
		try (DirtyTracker tracker = ram.track()) {
			for (int i = 0; i < 2; i++) {
				int part = i;
				Thread writer = new Thread(() -> {
					for (int round = 1; round <= rounds; round++) {
						int page = part + 2 * (round * 31 % (pages / 2));
						ram.putInt(page * 4096L, round);
						written.set(page, round);
					}
				});
				writers.add(writer);
				writer.start();
			}
			int[] copy = new int[pages];
			boolean over = false;
			while (!over) {
				over = writers.stream().noneMatch(Thread::isAlive);
				collect(tracker).stream().forEach(page -> copy[page] = ram.getInt(page * 4096L));
			}
			for (int page = 0; page < pages; page++)
				assertEquals(written.get(page), copy[page], "page " + page);
		}
	}

	/** Writes behind the back of the RAM. */
	private static final class Source implements DirtySource {
		final List<String> told = new ArrayList<>();
		long dirty = -1;

		@Override
		public void trackDirty(boolean on) {
			told.add(on ? "on" : "off");
		}

		@Override
		public void collectDirty(DirtyTracker.PageVisitor visitor) {
			if (dirty >= 0)
				visitor.dirty(dirty, 4096);
			dirty = -1;
		}
	}

	@Test
	void aSourceIsAskedWhileSomebodyTracks() {
		Source source = new Source();
		ram.dirtySource(source);
		assertEquals(List.of(), source.told);
		DirtyTracker first = ram.track();
		DirtyTracker second = ram.track();
		assertEquals(List.of("on"), source.told);
		source.dirty = 4 * GIB;
		assertEquals(pages(4 * GIB), collect(first));
		assertEquals(pages(4 * GIB), collect(second), "each of them hears of it");
		source.dirty = 8192;
		Source next = new Source();
		ram.dirtySource(next);
		assertEquals(List.of("on"), next.told);
		next.dirty = 4096;
		assertEquals(pages(4096, 8192), collect(first), "what the one before wrote last is not lost");
		first.close();
		second.close();
		assertEquals(List.of("on", "off"), next.told);
		assertFalse(source.told.contains("off"));
	}
}
