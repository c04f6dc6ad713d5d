package vmhi.tck.device;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import vmhi.api.device.ConsolePort;

/** A console whose watchers and typist are the test. For any thread. */
public final class TestConsole implements ConsolePort {
	private byte[] output = new byte[64];
	private int written;
	private int room = Integer.MAX_VALUE;
	private byte[] typed = new byte[64];
	private int first;
	private int end;
	private Listener listener;

	/** Types a text, byte by byte as in ISO 8859-1, and tells the device. */
	public void type(String text) {
		type(text.getBytes(StandardCharsets.ISO_8859_1));
	}

	/** Types bytes and tells the device. */
	public void type(byte... bytes) {
		Listener told;
		synchronized (this) {
			if (first == end)
				first = end = 0;
			if (end + bytes.length > typed.length)
				typed = Arrays.copyOf(typed, Math.max(2 * typed.length, end + bytes.length));
			System.arraycopy(bytes, 0, typed, end, bytes.length);
			end += bytes.length;
			told = listener;
		}
		if (told != null)
			told.readable();
	}

	/** What the device wrote, as in ISO 8859-1. */
	public synchronized String output() {
		return new String(output, 0, written, StandardCharsets.ISO_8859_1);
	}

	/** Forgets what the device wrote. */
	public synchronized void clear() {
		written = 0;
	}

	/** Lets the device write this many bytes more, and tells it if that is more than none. */
	public void room(int bytes) {
		Listener told;
		synchronized (this) {
			room = bytes;
			told = listener;
		}
		if (bytes > 0 && told != null)
			told.writable();
	}

	/** Forgets what was typed and not read. */
	public synchronized void untype() {
		first = end;
	}

	/** Makes what was typed, and the room there is, as they are there. */
	void copyFrom(TestConsole other) {
		byte[] waiting;
		int otherRoom;
		synchronized (other) {
			waiting = Arrays.copyOfRange(other.typed, other.first, other.end);
			otherRoom = other.room;
		}
		synchronized (this) {
			typed = Arrays.copyOf(waiting, Math.max(64, waiting.length));
			first = 0;
			end = waiting.length;
			room = otherRoom;
		}
	}

	/** Whether a device listens. */
	public synchronized boolean inUse() {
		return listener != null;
	}

	@Override
	public synchronized boolean write(int value) {
		if (room == 0)
			return false;
		if (room != Integer.MAX_VALUE)
			room--;
		if (written == output.length)
			output = Arrays.copyOf(output, 2 * written);
		output[written++] = (byte) value;
		return true;
	}

	@Override
	public synchronized int read() {
		return first == end ? -1 : typed[first++] & 0xff;
	}

	@Override
	public synchronized int available() {
		return end - first;
	}

	@Override
	public synchronized void listen(Listener newListener) {
		listener = newListener;
	}
}
