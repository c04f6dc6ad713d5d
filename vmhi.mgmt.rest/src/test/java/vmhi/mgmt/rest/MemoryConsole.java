package vmhi.mgmt.rest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import vmhi.api.machine.Console;

/** A console that a test plays the guest of. */
final class MemoryConsole implements Console {
	static final int CAPACITY = 1000;

	private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
	private final StringBuilder typed = new StringBuilder();
	private int waiting;

	synchronized void say(String text) {
		sent.writeBytes(text.getBytes(StandardCharsets.UTF_8));
		notifyAll();
	}

	synchronized String typed() {
		return typed.toString();
	}

	/** How many are waiting for the guest to say something. */
	synchronized int waiting() {
		return waiting;
	}

	@Override
	public synchronized long position() {
		return sent.size();
	}

	@Override
	public int capacity() {
		return CAPACITY;
	}

	@Override
	public synchronized long read(long from, ByteBuffer target) {
		int start = (int) Math.max(from, sent.size() - CAPACITY);
		target.put(sent.toByteArray(), start, Math.min(target.remaining(), sent.size() - start));
		return start;
	}

	@Override
	public synchronized boolean await(long beyond, long millis) throws InterruptedException {
		long deadline = System.nanoTime() + millis * 1_000_000;
		waiting++;
		try {
			for (long left; sent.size() <= beyond && (left = deadline - System.nanoTime()) > 0;)
				wait(left / 1_000_000 + 1);
			return sent.size() > beyond;
		} finally {
			waiting--;
		}
	}

	@Override
	public synchronized int type(ByteBuffer bytes) {
		int room = Math.min(bytes.remaining(), 16);
		byte[] taken = new byte[room];
		bytes.get(taken);
		typed.append(new String(taken, StandardCharsets.UTF_8));
		return room;
	}

	@Override
	public Hold hold(long position) {
		throw new UnsupportedOperationException();
	}
}
