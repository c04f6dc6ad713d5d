package vmhi.mgmt.shell;

import static vmhi.api.machine.MachineException.Kind.CONFLICT;
import static vmhi.api.machine.MachineException.Kind.NOT_FOUND;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Console;
import vmhi.api.machine.Event;
import vmhi.api.machine.Events;
import vmhi.api.machine.Job;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.machine.Machines;
import vmhi.api.machine.Specs;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.AuditEntry;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Principal;

/** A host in memory with room for one machine, as much of it as the commands need. */
final class MemoryHost implements Access, Hypervisor, Machine, Console {
	static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

	Principal principal;
	MachineSpec spec;
	MachineState state = MachineState.DEFINED;
	String reason = "";
	byte[] written = new byte[0];
	final List<String> done = new ArrayList<>();

	@Override
	public Hypervisor open(Principal who) {
		principal = who;
		return this;
	}

	/** The name stands for all of a specification. */
	@Override
	public Specs specs() {
		return new Specs() {
			@Override
			public MachineSpec read(String json) {
				return new MachineSpec(json.strip(), Map.of(), new MachineSpec.Cpu("auto", "host", 2), 512L << 20,
						new MachineSpec.Boot(MachineSpec.Protocol.AUTO, "/kernel", "", "", 0), List.of(), List.of(),
						new MachineSpec.Hypercalls(true, 0xf4), Map.of(), MachineSpec.OnReset.RESTART, false);
			}

			@Override
			public String write(MachineSpec from) {
				return "{ \"name\": \"" + from.name() + "\" }";
			}
		};
	}

	@Override
	public Machines machines() {
		return new Machines() {
			@Override
			public List<MachineSnapshot> list() {
				return spec == null ? List.of() : List.of(snapshot());
			}

			@Override
			public Machine get(String nameOrId) throws MachineException {
				if (spec == null || !spec.name().equals(nameOrId))
					throw new MachineException(NOT_FOUND, "there is no machine " + nameOrId);
				return MemoryHost.this;
			}

			@Override
			public Machine define(MachineSpec machine) {
				spec = machine;
				return MemoryHost.this;
			}

			@Override
			public Machine redefine(String nameOrId, MachineSpec machine) {
				throw new UnsupportedOperationException();
			}

			@Override
			public void delete(String nameOrId) throws MachineException {
				get(nameOrId);
				spec = null;
			}
		};
	}

	@Override
	public MachineSnapshot snapshot() {
		return new MachineSnapshot("id-1", 7, spec, state, reason, 0, TIME, state == MachineState.RUNNING ? "kvm" : "",
				List.of(new MachineSnapshot.Serving("disk:raw", "vmhi.vdisk.raw", "1.0.0", true)),
				Map.of("exits.port", 3L), List.of("serial0"), 0x10);
	}

	private Job go(String kind, MachineState to) throws MachineException {
		if (state == to)
			throw new MachineException(CONFLICT, spec.name() + " is " + to);
		state = to;
		return new Over(kind);
	}

	@Override
	public Job start() throws MachineException {
		return go("machine.start", MachineState.RUNNING);
	}

	@Override
	public Job shutdown() throws MachineException {
		return go("machine.shutdown", MachineState.STOPPED);
	}

	@Override
	public Job stop() throws MachineException {
		return go("machine.stop", MachineState.STOPPED);
	}

	@Override
	public Job pause() throws MachineException {
		return go("machine.pause", MachineState.PAUSED);
	}

	@Override
	public Job resume() throws MachineException {
		return go("machine.resume", MachineState.RUNNING);
	}

	@Override
	public Job reset() {
		return new Over("machine.reset");
	}

	@Override
	public Job moveTo(String backend) {
		return new Over("machine.move to " + backend);
	}

	/** A job that is over. */
	private record Over(String kind) implements Job {
		@Override
		public Snapshot snapshot() {
			return new Snapshot("job-1", kind, "id-1", State.DONE, 1, "", "terminal", TIME, TIME);
		}

		@Override
		public void cancel() {}

		@Override
		public Snapshot await(long millis) {
			return snapshot();
		}

		@Override
		public void join(long millis) {}
	}

	@Override
	public Console console(String name) throws MachineException {
		if (!name.equals("serial0"))
			throw new MachineException(NOT_FOUND, "there is no console " + name);
		return this;
	}

	@Override
	public synchronized long position() {
		return written.length;
	}

	@Override
	public int capacity() {
		return 4096;
	}

	@Override
	public synchronized long read(long from, ByteBuffer target) {
		target.put(written, (int) from, (int) Math.min(target.remaining(), written.length - from));
		return from;
	}

	synchronized void write(String text) {
		byte[] more = text.getBytes(StandardCharsets.UTF_8);
		written = ByteBuffer.allocate(written.length + more.length).put(written).put(more).array();
		notifyAll();
	}

	@Override
	public synchronized boolean await(long beyond, long millis) throws InterruptedException {
		if (written.length <= beyond)
			wait(millis);
		return written.length > beyond;
	}

	@Override
	public int type(ByteBuffer bytes) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Hold hold(long position) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Jobs jobs() {
		return new Jobs() {
			@Override
			public List<Job.Snapshot> list() {
				return List
						.of(new Job.Snapshot("job-1", "machine.start", "id-1", Job.State.RUNNING, 0.254, "reads", "ci",
								TIME, null));
			}

			@Override
			public Job get(String id) {
				throw new UnsupportedOperationException();
			}
		};
	}

	@Override
	public Events events() {
		return new Events() {
			@Override
			public long last() {
				return 30;
			}

			@Override
			public long first() {
				return 1;
			}

			@Override
			public List<Event> since(long after, int most) {
				List<Event> events = new ArrayList<>();
				for (long number = after + 1; number <= last() && events.size() < most; number++)
					events.add(new Event(number, TIME, "id-1", "machine.state", Map.of("to", "RUNNING", "by", "ci")));
				return events;
			}

			@Override
			public Subscription subscribe(long after, Consumer<Event> listener, Runnable lost) {
				throw new UnsupportedOperationException();
			}
		};
	}

	@Override
	public Plugins plugins() {
		return new Plugins() {
			@Override
			public List<Plugin> list() {
				return List.of(plugin(12), plugin(3));
			}

			private Plugin plugin(long id) {
				return new Plugin(id, "vmhi.vdisk.raw", "1.0.0", "", "ACTIVE", List.of("vmhi.vdisk.format=raw"),
						List.of("vm1"));
			}

			private Plugin note(String what, InputStream jar) {
				try (jar) {
					done.add(what + new String(jar.readAllBytes(), StandardCharsets.UTF_8));
				} catch (IOException e) {
					throw new UncheckedIOException(e);
				}
				return plugin(12);
			}

			@Override
			public Plugin install(InputStream jar) {
				return note("install ", jar);
			}

			@Override
			public Plugin update(long id, InputStream jar) {
				return note("update " + id + " ", jar);
			}

			@Override
			public void remove(long id) {
				done.add("remove " + id);
			}
		};
	}

	@Override
	public Map<String, HostVerdict> cpus() {
		return Map.of("kvm", new HostVerdict(HostVerdict.Fitness.FAST, "/dev/kvm works", 64, List.of("API 12")),
				"softcpu", new HostVerdict(HostVerdict.Fitness.SLOW, "runs anywhere", 8, List.of()));
	}

	@Override
	public List<AuditEntry> audit(int most) {
		return List.of(new AuditEntry(1, TIME, "ci", "rest 127.0.0.1", "machine.start", "vm1", "ok", "00ff"));
	}
}
