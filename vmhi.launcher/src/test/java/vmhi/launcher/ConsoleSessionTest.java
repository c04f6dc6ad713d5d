package vmhi.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.machine.Console;

@Timeout(20)
class ConsoleSessionTest {
	private final FakeConsole console = new FakeConsole();

	@Test
	void allThatTheGuestSendsIsWrittenToItsEnd() throws IOException, InterruptedException {
		console.send("before ");
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ConsoleSession session = new ConsoleSession(console, out, () -> {});
		console.send("while ");
		console.send("at the end");
		session.finish();

		assertEquals("before while at the end", out.toString(US_ASCII));
		assertEquals(console.position(), console.heldAt);
		assertTrue(console.released);
	}

	@Test
	void whatIsReadIsTypedThoughTheGuestTakesItsTime() throws IOException, InterruptedException {
		ConsoleSession session = new ConsoleSession(console, OutputStream.nullOutputStream(), () -> {});
		session.typeFrom(new ByteArrayInputStream("0123456789".getBytes(US_ASCII)), null);

		assertTrue(console.typed(10));
		assertEquals("0123456789", console.typed.toString(US_ASCII));
		session.finish();
	}

	@Test
	void readerThatHasGoneIsReported() throws InterruptedException {
		CountDownLatch failed = new CountDownLatch(1);
		ConsoleSession session = new ConsoleSession(console, new OutputStream() {
			@Override
			public void write(int b) throws IOException {
				throw new IOException("Broken pipe");
			}
		}, failed::countDown);
		console.send("x");

		assertTrue(failed.await(10, TimeUnit.SECONDS));
		assertEquals("Broken pipe", assertThrows(IOException.class, session::finish).getMessage());
		assertTrue(console.released);
	}

	/** Keeps everything, and takes three bytes at a time. */
	private static final class FakeConsole implements Console {
		private static final int ROOM = 3;

		private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
		private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
		private boolean full;
		private volatile long heldAt;
		private volatile boolean released;

		synchronized void send(String text) {
			sent.writeBytes(text.getBytes(US_ASCII));
			notifyAll();
		}

		synchronized boolean typed(int bytes) throws InterruptedException {
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
			while (typed.size() < bytes && System.nanoTime() < end)
				wait(100);
			return typed.size() == bytes;
		}

		@Override
		public synchronized long position() {
			return sent.size();
		}

		@Override
		public int capacity() {
			return 1 << 16;
		}

		@Override
		public synchronized long read(long from, ByteBuffer target) {
			byte[] all = sent.toByteArray();
			target.put(all, (int) from, Math.min(target.remaining(), all.length - (int) from));
			return from;
		}

		@Override
		public synchronized boolean await(long beyond, long millis) throws InterruptedException {
			if (sent.size() <= beyond)
				wait(millis);
			return sent.size() > beyond;
		}

		@Override
		public synchronized int type(ByteBuffer bytes) {
			full = !full;
			int count = full ? 0 : Math.min(bytes.remaining(), ROOM);
			for (int i = 0; i < count; i++)
				typed.write(bytes.get());
			notifyAll();
			return count;
		}

		@Override
		public Hold hold(long position) {
			return new Hold() {
				@Override
				public void moveTo(long to) {
					heldAt = to;
				}

				@Override
				public void close() {
					released = true;
				}
			};
		}
	}
}
