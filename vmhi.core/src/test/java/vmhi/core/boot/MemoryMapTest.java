package vmhi.core.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.DeviceException;
import vmhi.tck.memory.TestMemory;

class MemoryMapTest {
	private static final int MIB = 1 << 20;
	private static final long HIGH = 1L << 32;

	private final TestMemory memory = new TestMemory(new TestMemory.Range(0, 16 * MIB),
			new TestMemory.Range(HIGH, 4 * MIB));
	private final MemoryMap map = new MemoryMap(memory);

	private List<String> ranges() {
		return map.ranges().stream().map(range -> "%x-%x %d".formatted(range.gpa(), range.end(), range.type()))
				.toList();
	}

	@Test
	void allIsFreeButThePcsHole() {
		assertEquals(List.of("0-9fc00 1", "9fc00-100000 2", "100000-1000000 1", "100000000-100400000 1"), ranges());
		assertTrue(map.isFree(0x100000, 15 * MIB));
	}

	@Test
	void whatDevicesKeepIsNotFree() throws Exception {
		map.reserve(2 * MIB, 4096, 3);
		map.reserve(HIGH, 4 * MIB, 4);
		map.reserve(0x100000, 4096, 2);
		assertEquals(List.of("0-9fc00 1", "9fc00-100000 2", "100000-101000 2", "101000-200000 1", "200000-201000 3",
				"201000-1000000 1", "100000000-100400000 4"), ranges());
		assertTrue(!map.isFree(2 * MIB - 1, 2) && map.isFree(2 * MIB - 1, 1));
	}

	@Test
	void whatIsPlacedIsAsHighAsItMayBeAndAligned() throws Exception {
		assertEquals(15 * MIB, map.place(MIB, MIB, HIGH, 3));
		assertEquals(15 * MIB - 4096, map.place(1, 4096, HIGH, 3));
		assertEquals(14 * MIB, map.place(100, MIB, HIGH, 3));
		assertEquals(HIGH + 4 * MIB - 4096, map.place(4096, 4096, Long.MAX_VALUE, 3));
		assertEquals(3 * MIB, map.place(2 * MIB, 1 << 12, 5 * MIB, 3));
	}

	@ParameterizedTest
	@CsvSource({ "0x1000000, 0x1000", "0xfff000, 0x2000", "0, 0", "0, -1", "-4096, 4096", "0x7fffffffffffffff, 4096",
			"0x200000, 0x1000", "0x1ff000, 0x2000", "0x200fff, 1" })
	void whatIsNotRamOrKeptAlreadyIsRefused(String gpa, String length) throws Exception {
		map.reserve(2 * MIB, 4096, 3);
		assertThrows(DeviceException.class, () -> map.reserve(Long.decode(gpa), Long.decode(length), 2));
	}

	@ParameterizedTest
	@CsvSource({ "0x10000000, 4096, 0x100000000", "4096, 4096, 0x100000", "4096, 4096, 0", "4096, 4096, -1",
			"0x7fffffffffffffff, 4096, 0x7fffffffffffffff", "0, 4096, 0x1000000", "-1, 4096, 0x1000000",
			"-4096, 4096, 0x1000000", "4096, 0x100000000, 0x100000000" })
	void whatDoesNotFitIsRefused(String length, String alignment, String below) {
		assertThrows(DeviceException.class,
				() -> map.place(Long.decode(length), Long.decode(alignment), Long.decode(below), 2));
	}

	@Test
	void theMapIsAscendingAndWithoutOverlapWhateverIsPlaced() {
		Random random = new Random(6);
		for (int i = 0; i < 300; i++)
			try {
				if (random.nextBoolean())
					map.place(1 + random.nextInt(200_000), 1L << random.nextInt(18), HIGH << random.nextInt(2), 3);
				else
					map.reserve(random.nextInt(16 * MIB), 1 + random.nextInt(100_000), 2);
			} catch (DeviceException e) {
				// full, or taken
			}
		long end = 0;
		long sum = 0;
		for (MemoryMap.Range range : map.ranges()) {
			assertTrue(range.gpa() >= end && range.length() > 0, range.toString());
			end = range.end();
			sum += range.length();
		}
		assertEquals(20L * MIB, sum);
	}
}
