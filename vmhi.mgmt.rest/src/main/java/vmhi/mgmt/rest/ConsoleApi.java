package vmhi.mgmt.rest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Console;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.Machines;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Permission;

/** Consoles: bytes as the guest sent them, and bytes for it. */
final class ConsoleApi {

	private static final Logger LOG = LoggerFactory.getLogger(ConsoleApi.class);

	/** Position of the first byte of the body. */
	private static final String START = "X-Console-Start";
	/** Position of the byte that will follow the body. */
	private static final String POSITION = "X-Console-Position";

	private static final int MOST_READ = 256 * 1024;
	private static final int MOST_TYPED = 64 * 1024;
	private static final int MOST_WAIT_MILLIS = 60_000;
	private static final int PIECE = 16 * 1024;
	private static final int GLANCE_MILLIS = 5_000;
	/** A stream that is silent for so long ends: nothing else tells whether somebody is still at its other end. */
	private static final int MOST_SILENCE_MILLIS = 600_000;

	private static final Streams.Kind KIND = new Streams.Kind("application/octet-stream", new byte[0], new byte[0]);

	private final Streams streams;

	ConsoleApi(Streams streams) {
		this.streams = streams;
	}

	List<Route> routes() {
		String path = "/machines/{machine}/consoles/{console}";
		return List.of(
				Route.get(path, Permission.CONSOLE, ConsoleApi::read, "from", "wait"),
				Route.post(path, Permission.CONSOLE, ConsoleApi::type),
				Route.get(path + "/stream", Permission.CONSOLE, this::follow, "from"));
	}

	private static Answer read(Exchange x) throws Problem, MachineException {
		Console console = console(x);
		long from = from(x, console);
		long wait = x.number("wait", 0, 0, MOST_WAIT_MILLIS);
		try {
			if (wait > 0)
				console.await(from, wait);
		} catch (InterruptedException e) {
			// the bundle leaves: what is there so far is the answer
		}
		ByteBuffer target = ByteBuffer.allocate((int) Math.min(MOST_READ, console.position() - from));
		long start = console.read(from, target);
		byte[] bytes = taken(target);
		return Reply.bytes(bytes).with(START, start).with(POSITION, start + bytes.length);
	}

	private static Answer type(Exchange x) throws Problem, MachineException, IOException {
		Console console = console(x);
		byte[] bytes = x.body().bytes(MOST_TYPED);
		return Reply.json(200, Map.of("typed", console.type(ByteBuffer.wrap(bytes))));
	}

	private Answer follow(Exchange x) throws Problem, MachineException {
		Console console = console(x);
		Machines machines = x.host().machines();
		String machine = MachineApi.machine(x).snapshot().id();
		long from = console.read(from(x, console), ByteBuffer.allocate(0));
		return streams.begin(KIND, Map.of(START, Long.toString(from)), stream -> {
			Thread thread = Threads.daemon("vmhi-rest-console-" + x.variable("machine"),
					() -> pump(console, from, machines, machine, stream));
			thread.start();
			return thread::interrupt;
		});
	}

	/** A console can only be waited for, so each that is followed has a thread; it ends with the stream. */
	private static void pump(Console console, long from, Machines machines, String machine, Stream stream) {
		ByteBuffer piece = ByteBuffer.allocate(PIECE);
		long next = from;
		try {
			for (int silence = 0; stream.isOpen() && silence < MOST_SILENCE_MILLIS;) {
				if (console.await(next, GLANCE_MILLIS)) {
					long start = console.read(next, piece.clear());
					next = start + piece.position();
					stream.send(taken(piece));
					silence = 0;
				} else {
					silence += GLANCE_MILLIS;
					machines.get(machine);
				}
			}
		} catch (MachineException | DeniedException e) {
			LOG.debug("the machine is gone", e);
		} catch (InterruptedException e) {
			LOG.debug("the stream has ended");
		} finally {
			stream.end(new byte[0]);
		}
	}

	private static Console console(Exchange x) throws MachineException {
		return MachineApi.machine(x).console(x.variable("console"));
	}

	/** A position beyond the end is from another life of the host; what comes next is then the best there is. */
	private static long from(Exchange x, Console console) throws Problem {
		return Math.min(x.number("from", 0, 0, Long.MAX_VALUE), console.position());
	}

	private static byte[] taken(ByteBuffer filled) {
		byte[] bytes = new byte[filled.flip().remaining()];
		filled.get(bytes);
		return bytes;
	}
}
