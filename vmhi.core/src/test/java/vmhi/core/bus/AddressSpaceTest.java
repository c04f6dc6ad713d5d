package vmhi.core.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressSpaceTest {
	private final AddressSpace space = new AddressSpace();

	private static Claimed range(long first, long size) {
		return new Claimed(first, size, "dev", null, (range, thrown, last) -> {});
	}

	@Test
	void anAddressFindsItsRange() {
		long[][] places = { { 0, 1 }, { 1, 7 }, { 0x3f8, 8 }, { 0xfee0_0000L, 0x1000 }, { Long.MAX_VALUE - 3, 8 },
				{ Long.MIN_VALUE + 0x1000, 0x1000 }, { -0x1000, 0x1000 } };
		List<Claimed> ranges = new ArrayList<>();
		for (int i = places.length; i-- > 0;) {
			Claimed range = range(places[i][0], places[i][1]);
			ranges.add(range);
			assertTrue(space.add(range).isEmpty());
		}
		for (Claimed range : ranges) {
			assertSame(range, space.find(range.first));
			assertSame(range, space.find(range.first + range.size - 1));
		}
		for (long nobody : new long[] { 8, 0x3f7, 0x400, 0xfedf_ffffL, 0xfee0_1000L, Long.MAX_VALUE - 4,
				Long.MIN_VALUE + 4, -0x1001 })
			assertEquals(null, space.find(nobody), "%#x".formatted(nobody));
	}

	@ParameterizedTest
	@CsvSource({ "0x100, 0x10", "0xff, 2", "0x10f, 1", "0, 0x1000", "0x104, 1", "0x104, 0x100" })
	void aRangeThatIsInTheWayIsNamed(String first, String size) {
		Claimed there = range(0x100, 0x10);
		space.add(there);
		assertSame(there, space.add(range(Long.decode(first), Long.decode(size))).orElseThrow());
		assertSame(null, space.find(0));
	}

	@ParameterizedTest
	@CsvSource({ "0xf0, 0x10", "0x110, 1", "-1, 1", "0x7fffffffffffffff, 1" })
	void aNeighbourIsNotInTheWay(String first, String size) {
		space.add(range(0x100, 0x10));
		assertTrue(space.add(range(Long.decode(first), Long.decode(size))).isEmpty());
	}

	@Test
	void whatIsRemovedIsNotFound() {
		Claimed range = range(0x100, 0x10);
		space.remove(range);
		space.add(range);
		space.remove(range(0x100, 0x10));
		assertSame(range, space.find(0x100));
		space.remove(range);
		assertEquals(null, space.find(0x100));
	}

	@Test
	void manyRangesAreFoundAsASearchOneByOneFindsThem() {
		Random random = new Random(4);
		List<Claimed> ranges = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			Claimed range = range(random.nextLong(), 1 + (random.nextLong() >>> 8 + random.nextInt(50)));
			if (range.first + range.size - 1 >= range.first && space.add(range).isEmpty())
				ranges.add(range);
		}
		for (int i = 0; i < 20_000; i++) {
			Claimed near = ranges.get(random.nextInt(ranges.size()));
			long address = random.nextBoolean() ? random.nextLong() : near.first + random.nextInt(3) - 1;
			Claimed expected = ranges.stream()
					.filter(range -> Long.compareUnsigned(address - range.first, range.size) < 0).findFirst()
					.orElse(null);
			assertSame(expected, space.find(address));
		}
	}
}
