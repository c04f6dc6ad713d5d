package vmhi.example.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.junit.jupiter.api.Test;

import vmhi.api.hypercall.Status;
import vmhi.example.range.TestCall.Answer;

class StoreHandlerTest {
	private static final int NAME = 0x100;
	private static final int VALUE = 0x1000;
	private static final int ROOM = 0x4000;

	private final byte[] ram = new byte[0x8000];
	private StoreHandler store = new StoreHandler(2);

	private int name(String name) {
		byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
		System.arraycopy(bytes, 0, ram, NAME, bytes.length);
		return bytes.length;
	}

	private Answer call(int function, long... arguments) {
		return TestCall.call(store, ram, function, arguments);
	}

	private int put(String name, String value) {
		byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
		System.arraycopy(bytes, 0, ram, VALUE, bytes.length);
		return call(StoreRange.PUT, NAME, name(name), VALUE, bytes.length).status();
	}

	private Answer get(String name, long room) {
		Arrays.fill(ram, ROOM, ram.length, (byte) '.');
		return call(StoreRange.GET, NAME, name(name), ROOM, room);
	}

	private Answer add(String name, long number) {
		return call(StoreRange.ADD, NAME, name(name), number);
	}

	private String room(int length) {
		return new String(ram, ROOM, length, StandardCharsets.UTF_8);
	}

	@Test
	void whatWasPutIsGot() {
		assertEquals(Status.OK, put("greeting", "hello"));

		assertEquals(new Answer(Status.OK, 5L, 5L), get("greeting", 100));
		assertEquals("hello.", room(6));
	}

	@Test
	void aSmallRoomGetsTheBeginningAndTheLength() {
		put("greeting", "hello");

		assertEquals(new Answer(Status.PARTIAL, 2L, 5L), get("greeting", 2));
		assertEquals("he.", room(3));
	}

	@Test
	void roomIsUnsigned() {
		put("greeting", "hello");

		assertEquals(new Answer(Status.OK, 5L, 5L), get("greeting", -1));
	}

	@Test
	void whatIsNotThereIsToldFromWhatIsEmpty() {
		put("empty", "");

		assertEquals(new Answer(Status.OK, 0L, 0L), get("empty", 10));
		assertEquals(new Answer(Status.OK, 0L, StoreHandler.ABSENT), get("none", 10));
	}

	@Test
	void whatIsRemovedIsGoneAndMayBeRemovedAgain() {
		put("greeting", "hello");
		assertEquals(Status.OK, call(StoreRange.REMOVE, NAME, name("greeting")).status());
		assertEquals(Status.OK, call(StoreRange.REMOVE, NAME, name("greeting")).status());

		assertEquals(StoreHandler.ABSENT, get("greeting", 10).second());
	}

	@Test
	void additionsCount() {
		assertEquals(new Answer(Status.OK, 40L, null), add("sum", 40));
		assertEquals(new Answer(Status.OK, 42L, null), add("sum", 2));
		assertEquals(new Answer(Status.OK, -1L, null), add("sum", -43));
	}

	@Test
	void whatIsNoNumberIsNotAddedTo() {
		put("greeting", "hello");

		assertEquals(new Answer(Status.INVALID, null, null), add("greeting", 1));
		assertEquals(5L, get("greeting", 10).second());
	}

	@Test
	void aFullStoreTakesNoNewNamesButNewValues() {
		put("one", "1");
		put("two", "2");

		assertEquals(Status.NO_MEMORY, put("three", "3"));
		assertEquals(new Answer(Status.NO_MEMORY, null, null), add("three", 3));
		assertEquals(Status.OK, put("two", "zwei"));
	}

	@Test
	void lengthsAreLimited() {
		assertEquals(Status.INVALID, call(StoreRange.GET, NAME, 0, ROOM, 1).status());
		assertEquals(Status.OK, call(StoreRange.GET, NAME, StoreHandler.MOST_NAME, ROOM, 1).status());
		assertEquals(Status.TOO_BIG, call(StoreRange.GET, NAME, StoreHandler.MOST_NAME + 1, ROOM, 1).status());
		assertEquals(Status.TOO_BIG, call(StoreRange.GET, NAME, -1, ROOM, 1).status());
		assertEquals(Status.OK, call(StoreRange.PUT, NAME, 1, VALUE, StoreHandler.MOST_VALUE).status());
		assertEquals(Status.TOO_BIG, call(StoreRange.PUT, NAME, 1, VALUE, StoreHandler.MOST_VALUE + 1).status());
		assertEquals(Status.TOO_BIG, call(StoreRange.PUT, NAME, 1, VALUE, 1L << 32).status());
	}

	@Test
	void addressesAreRam() {
		put("greeting", "hello");
		assertEquals(Status.BAD_ADDRESS, call(StoreRange.GET, ram.length, 1, ROOM, 1).status());
		assertEquals(Status.BAD_ADDRESS, call(StoreRange.PUT, NAME, 1, -1, 1).status());
		assertEquals(Status.BAD_ADDRESS,
				call(StoreRange.GET, NAME, name("greeting"), ram.length - 4, 100).status());
	}

	@Test
	void stateOutlivesTheBundle() {
		put("greeting", "hello");
		add("sum", 41);
		byte[] state = store.exportState();
		store = new StoreHandler(2);

		assertTrue(store.importState(state));
		assertEquals(new Answer(Status.OK, 5L, 5L), get("greeting", 100));
		assertEquals("hello", room(5));
		assertEquals(42L, add("sum", 1).first());
	}

	@Test
	void nothingIsAStateToo() {
		assertTrue(store.importState(store.exportState()));
	}

	@Test
	void aPartOfALaterVersionIsSkipped() {
		add("sum", 41);
		byte[] known = store.exportState();
		ByteBuffer state = ByteBuffer.allocate(12 + known.length).putInt(99).putInt(4).putInt(-1).put(known);
		store = new StoreHandler(2);

		assertTrue(store.importState(state.array()));
		assertEquals(42L, add("sum", 1).first());
	}

	@Test
	void aStateThatIsCutOffIsRefusedAndLeavesNothing() {
		put("greeting", "hello");
		byte[] state = store.exportState();
		for (int length = 1; length < state.length; length++) {
			store = new StoreHandler(2);
			assertFalse(store.importState(Arrays.copyOf(state, length)), "of " + length);
			assertArrayEquals(new byte[0], store.exportState());
		}
	}
}
