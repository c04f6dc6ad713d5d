package vmhi.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import vmhi.api.memory.GuestMemory;
import vmhi.tck.memory.TestMemory;

class CallViewTest {
	private static final int RAM = 64 << 10;

	private final TestMemory memory = new TestMemory(RAM);
	private final CallView view = new CallView(memory);
	private final int[] fetches = new int[RAM];

	/** RAM whose bytes are others each time somebody looks. */
	private CallView restless() {
		Random random = new Random(8);
		GuestMemory hostile = (GuestMemory) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { GuestMemory.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("read")) {
						ByteBuffer target = (ByteBuffer) arguments[1];
						for (int at = (int) (long) arguments[0]; target.hasRemaining(); at++) {
							fetches[at]++;
							target.put((byte) random.nextInt());
						}
						return true;
					}
					assertEquals("contains", method.getName());
					return memory.contains((long) arguments[0], (long) arguments[1]);
				});
		return new CallView(hostile);
	}

	@Test
	void noByteIsFetchedTwiceHoweverBlocksOverlap() {
		CallView restless = restless();
		Random random = new Random(9);
		for (int call = 0; call < 200; call++) {
			restless.begin();
			Arrays.fill(fetches, 0);
			byte[] known = new byte[200];
			boolean[] seen = new boolean[200];
			for (int i = 0; i < 20; i++) {
				int at = random.nextInt(150);
				int length = random.nextInt(50);
				byte[] block = restless.copyIn(1000 + at, length);
				for (int j = 0; j < length; j++) {
					if (seen[at + j])
						assertEquals(known[at + j], block[j]);
					known[at + j] = block[j];
					seen[at + j] = true;
				}
			}
			assertTrue(Arrays.stream(fetches).allMatch(count -> count <= 1));
		}
	}

	@Test
	void theNextCallLooksAnew() {
		assertEquals(0, view.copyIn(0, 1)[0]);
		memory.putByte(0, 5);
		assertEquals(0, view.copyIn(0, 1)[0]);
		view.begin();
		assertEquals(5, view.copyIn(0, 1)[0]);
	}

	@Test
	void whatIsCopiedInIsTheCallersOwn() {
		view.copyIn(0, 4)[0] = 77;
		assertEquals(0, view.copyIn(0, 4)[0]);
	}

	@Test
	void whatIsCopiedOutIsSeenAtOnceByTheCallAndByTheGuestWhenItEndsWell() {
		byte[] data = { 1, 2, 3, 4 };
		assertTrue(view.copyOut(100, data));
		data[0] = 99; // taken as it was
		assertTrue(view.copyOut(102, new byte[] { 9 }));
		assertArrayEquals(new byte[] { 0, 1, 2, 9, 4, 0 }, view.copyIn(99, 6));
		assertEquals(0, memory.getInt(100));
		view.commit();
		assertEquals(0x0409_0201, memory.getInt(100));
	}

	@Test
	void aCallThatDidNotEndWellWritesNothing() {
		view.copyOut(100, new byte[] { 1 });
		view.begin();
		view.commit();
		assertEquals(0, memory.getByte(100));
		assertEquals(0, view.copyIn(100, 1)[0]);
	}

	@Test
	void whatIsNotRamOrTooLongIsRefused() {
		long[][] refused = { { RAM, 1 }, { RAM - 1, 2 }, { -1, 1 }, { -1, 2 }, { Long.MIN_VALUE, 1 },
				{ Long.MAX_VALUE, 1 }, { 0, -1 }, { 0, Integer.MIN_VALUE }, { 0, RAM + 1 }, { 0, Integer.MAX_VALUE } };
		for (long[] range : refused) {
			assertNull(view.copyIn(range[0], (int) range[1]), Arrays.toString(range));
			if (range[1] >= 0 && range[1] <= RAM + 1)
				assertFalse(view.copyOut(range[0], new byte[(int) range[1]]));
		}
		view.commit();
		assertEquals(0, view.copyIn(0, 0).length);
		assertEquals(RAM, view.copyIn(0, RAM).length);
		CallView large = new CallView(new TestMemory(2 << 20));
		assertEquals(1 << 20, large.copyIn(0, 1 << 20).length);
		assertNull(large.copyIn(0, (1 << 20) + 1));
	}
}
