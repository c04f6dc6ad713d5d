package vmhi.core.mgmt;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

import vmhi.api.machine.Console;

/**
 * A console that a principal may use. The first that he types is in the audit log; not what it is, as it can be a
 * password.
 */
final class GuardedConsole implements Console {
	private final Guard guard;
	private final Console console;
	private final String object;
	private final AtomicBoolean typed = new AtomicBoolean();

	GuardedConsole(Guard guard, Console console, String object) {
		this.guard = guard;
		this.console = console;
		this.object = object;
	}

	@Override
	public long position() {
		return console.position();
	}

	@Override
	public int capacity() {
		return console.capacity();
	}

	@Override
	public long read(long from, ByteBuffer target) {
		return console.read(from, target);
	}

	@Override
	public boolean await(long beyond, long millis) throws InterruptedException {
		return console.await(beyond, millis);
	}

	@Override
	public int type(ByteBuffer bytes) {
		if (typed.compareAndSet(false, true))
			guard.changed("console.type", object);
		return console.type(bytes);
	}

	@Override
	public Hold hold(long position) {
		return console.hold(position);
	}
}
