package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.device.ConsolePort;
import vmhi.api.machine.Console;

@Timeout(60)
class ConsoleBufferTest {
	private final ConsoleBuffer console = new ConsoleBuffer(3_600_000);
	private final AtomicInteger writable = new AtomicInteger();
	private final AtomicInteger readable = new AtomicInteger();

	private void listen(ConsoleBuffer to, Runnable onWritable) {
		to.listen(new ConsolePort.Listener() {
			@Override
			public void readable() {
				readable.incrementAndGet();
			}

			@Override
			public void writable() {
				onWritable.run();
			}
		});
	}

	private void send(int count) {
		for (int i = 0; i < count; i++)
			assertTrue(console.write((int) (console.position() % 251)));
	}

	@Test
	void theLastBytesAreKeptWhereverTheRingIs() {
		int kept = console.capacity();
		for (int round = 0; round < 5; round++) {
			send(kept / 2 + 77);
			long end = console.position();
			long first = Math.max(0, end - kept);
			ByteBuffer target = ByteBuffer.allocate(2 * kept);
			assertEquals(first, console.read(0, target));
			assertEquals(end - first, target.position());
			byte[] expected = new byte[(int) (end - first)];
			for (int i = 0; i < expected.length; i++)
				expected[i] = (byte) ((first + i) % 251);
			assertArrayEquals(expected, Arrays.copyOf(target.array(), target.position()));
		}
	}

	@Test
	void aReaderGetsWhatFitsFromWhereItAsks() {
		send(100);
		ByteBuffer target = ByteBuffer.allocate(10);
		assertEquals(95, console.read(95, target));
		assertEquals(5, target.position());
		assertEquals(100, console.read(100, target.clear()));
		assertEquals(0, target.position());
		assertEquals(100, console.read(5000, target));
		assertEquals(0, console.read(Long.MIN_VALUE, target));
		assertEquals(10, target.position());
	}

	@Test
	void whoWaitsForAByteIsWoken() throws Exception {
		assertFalse(console.await(0, 1));
		CompletableFuture<Boolean> waiter = CompletableFuture.supplyAsync(() -> {
			try {
				return console.await(0, 20_000);
			} catch (InterruptedException e) {
				return false;
			}
		});
		console.write('x');
		assertTrue(waiter.get(20, TimeUnit.SECONDS));
		assertTrue(console.await(0, 0));
	}

	@Test
	void whatIsTypedIsReadInOrderAndNoMoreThanFits() {
		listen(console, () -> {});
		ByteBuffer typed = ByteBuffer.allocate(100_000);
		for (int i = 0; i < typed.capacity(); i++)
			typed.put(i, (byte) i);
		assertEquals(4_096, console.type(typed));
		assertEquals(4_096, console.available());
		assertEquals(0, console.type(typed));
		assertEquals(1, readable.get());
		for (int i = 0; i < 4_096; i++)
			assertEquals(i & 0xff, console.read());
		assertEquals(-1, console.read());
		assertEquals(4_096, console.type(typed));
	}

	@Test
	void aHoldKeepsTheGuestFromOverrunningItsReader() {
		listen(console, writable::incrementAndGet);
		try (Console.Hold hold = console.hold(0)) {
			send(console.capacity());
			assertFalse(console.write(1));
			assertFalse(console.write(1));
			assertEquals(0, writable.get());
			hold.moveTo(10);
			assertEquals(1, writable.get());
			send(10);
			assertFalse(console.write(1));
			hold.moveTo(5); // not back
			assertEquals(1, writable.get());
		}
		assertEquals(2, writable.get(), "a closed hold holds nobody");
		send(3);
	}

	@Test
	void theSlowestOfTheReadersCounts() {
		Console.Hold slow = console.hold(0);
		Console.Hold fast = console.hold(0);
		send(console.capacity());
		fast.moveTo(console.position());
		assertFalse(console.write(1));
		slow.close();
		assertTrue(console.write(1));
		fast.close();
	}

	@Test
	void aReaderThatStaysAwayIsDroppedAndTheDeviceIsTold() throws Exception {
		ConsoleBuffer brief = new ConsoleBuffer(30);
		CountDownLatch told = new CountDownLatch(1);
		listen(brief, told::countDown);
		brief.hold(0);
		for (int i = 0; i < brief.capacity(); i++)
			assertTrue(brief.write(i));
		if (brief.write(0))
			return; // the time has passed already on this busy host
		assertTrue(told.await(20, TimeUnit.SECONDS), "without the reader or the device doing anything");
		assertTrue(brief.write(1));
	}
}
