package vmhi.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.Status;

class CoreRangeTest {
	private final FakeHost host = new FakeHost();
	private final CoreRange range = new CoreRange();
	private final RangeHandler handler = range.open(host);

	@Test
	void itsFunctionsAreInAscendingOrderAndForTheKernelAlone() {
		RangeInfo info = range.info();
		assertEquals(Abi.OWNER_CORE, info.owner());
		List<Integer> numbers = info.functions().stream().map(RangeInfo.Function::number).toList();
		assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
		assertTrue(info.functions().stream().allMatch(function -> function.maxPrivilege() == 0));
	}

	@Test
	void queryTellsVersionGenerationAndVcpus() {
		FakeCall call = new FakeCall(host);
		assertEquals(Status.OK, handler.call(CoreRange.QUERY, call));
		assertEquals(Abi.VERSION, call.values[0]);
		assertEquals(0xffff_fffe_0000_0003L, call.values[1]);
	}

	@Test
	void aRangeIsFoundByItsUuidFrom64BitCode() {
		FakeCall call = new FakeCall(host, 1, 2);
		assertEquals(Status.OK, handler.call(CoreRange.RANGE_LOOKUP, call));
		assertEquals(1 << 16, call.values[0]);
		assertEquals(1 << 16 | 3, call.values[1]);
	}

	@Test
	void aRangeIsFoundByItsUuidFrom32BitCode() {
		FakeCall call = new FakeCall(host, 0xffff_fffeL, -1, -1, -1);
		call.bits = 32;
		assertEquals(Status.OK, handler.call(CoreRange.RANGE_LOOKUP, call));
		assertEquals(0x8000, call.values[0], "and is not there now");
		assertEquals(Status.NO_RANGE, handler.call(CoreRange.RANGE_LOOKUP, new FakeCall(host, 1, 3)));
	}

	@Test
	void rangesAreWrittenOneByOne() {
		FakeCall call = new FakeCall(host, 1, 0x1fe0);
		assertEquals(Status.OK, handler.call(CoreRange.RANGE_ENUM, call));
		assertEquals(-2, host.memory.getLong(0x1fe0));
		assertEquals(-1, host.memory.getLong(0x1fe8));
		assertEquals(0x8000, host.memory.getInt(0x1ff0));
		assertEquals(4 << 16 | 5, host.memory.getInt(0x1ff4));
		assertEquals(0, host.memory.getLong(0x1ff8));
		assertEquals(2, call.values[1]);
	}

	@Test
	void anEntryThatIsNotAlignedOrNotInAPageOrNotRamIsRefused() {
		long[][] refused = { { 2, 0, Status.INVALID }, { -1, 0, Status.INVALID }, { 1L << 32, 0, Status.INVALID },
				{ 0, 4, Status.INVALID }, { 0, 0x1fe8, Status.INVALID }, { 0, FakeHost.RAM, Status.BAD_ADDRESS },
				{ 0, Long.MIN_VALUE, Status.BAD_ADDRESS }, { 0, -4096, Status.BAD_ADDRESS } };
		for (long[] row : refused)
			assertEquals(row[2], handler.call(CoreRange.RANGE_ENUM, new FakeCall(host, row[0], row[1])),
					"%d %#x".formatted(row[0], row[1]));
	}

	@Test
	void theGuestIsToldOfOnceForEachIdentity() {
		assertEquals(Status.INVALID, handler.call(CoreRange.GUEST_ID, new FakeCall(host, 0)));
		for (int i = 0; i < 3; i++)
			assertEquals(Status.OK, handler.call(CoreRange.GUEST_ID, new FakeCall(host, -5)));
		assertEquals(-5, host.guestIdentity());
		assertEquals(1, host.identities);
	}

	@Test
	void nopGivesItsArgumentBack() {
		FakeCall call = new FakeCall(host, Long.MIN_VALUE);
		assertEquals(Status.OK, handler.call(CoreRange.NOP, call));
		assertEquals(Long.MIN_VALUE, call.values[0]);
	}

	@Test
	void noArgumentMakesItThrow() {
		Boundaries.tryAll(range.info(), handler, () -> host);
	}
}
