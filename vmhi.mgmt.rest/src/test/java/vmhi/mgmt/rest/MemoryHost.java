package vmhi.mgmt.rest;

import static vmhi.api.machine.MachineException.Kind.CONFLICT;
import static vmhi.api.machine.MachineException.Kind.HOST;
import static vmhi.api.machine.MachineException.Kind.INVALID;
import static vmhi.api.machine.MachineException.Kind.MISSING_PLUGIN;
import static vmhi.api.machine.MachineException.Kind.NOT_FOUND;
import static vmhi.api.mgmt.Permission.AUDIT;
import static vmhi.api.mgmt.Permission.CONSOLE;
import static vmhi.api.mgmt.Permission.DEFINE;
import static vmhi.api.mgmt.Permission.PLUGINS;
import static vmhi.api.mgmt.Permission.POWER;
import static vmhi.api.mgmt.Permission.VIEW;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Console;
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
import vmhi.api.mgmt.Authenticator;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Principal;

/** A host in memory, that checks permissions, and does with its machines no more than to say it has. */
final class MemoryHost implements Access, Authenticator {
	final MemoryEvents events;
	final Map<String, Principal> tokens = new ConcurrentHashMap<>();
	final Map<String, MemoryMachine> machines = new ConcurrentSkipListMap<>();
	final List<MemoryJob> jobs = Collections.synchronizedList(new ArrayList<>());
	final MemoryConsole console = new MemoryConsole();
	final List<Plugins.Plugin> plugins = Collections.synchronizedList(new ArrayList<>());
	/** Jobs are over when a test says so, not at once. */
	volatile boolean slow;

	private final AtomicInteger ids = new AtomicInteger();

	MemoryHost(int eventsKept) {
		events = new MemoryEvents(eventsKept);
		plugins.add(new Plugins.Plugin(1, "vmhi.core", "1.2.3", "", "ACTIVE", List.of(), List.of()));
	}

	@Override
	public Optional<Principal> authenticate(String scheme, String evidence, String origin) {
		return scheme.equals("bearer") ? Optional.ofNullable(tokens.get(evidence)) : Optional.empty();
	}

	@Override
	public Hypervisor open(Principal principal) {
		return new View(principal);
	}

	private static MachineSpec spec(String name, String kernel) {
		return new MachineSpec(name, Map.of(), new MachineSpec.Cpu("auto", "host", 1), 16 << 20,
				new MachineSpec.Boot(MachineSpec.Protocol.FLAT, kernel, "", "", 0x1000), List.of(), List.of(),
				new MachineSpec.Hypercalls(true, 0xf4), Map.of(), MachineSpec.OnReset.RESTART, false);
	}

	private static String read(InputStream jar) throws MachineException {
		try (jar) {
			String text = new String(jar.readAllBytes(), StandardCharsets.UTF_8);
			if (!text.startsWith("jar "))
				throw new MachineException(INVALID, "this is not a bundle");
			return text.substring(4);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** One machine. */
	final class MemoryMachine {
		private final String id = "id-" + ids.incrementAndGet();
		private volatile MachineSpec spec;
		private volatile MachineState state = MachineState.DEFINED;

		MemoryMachine(MachineSpec spec) {
			this.spec = spec;
		}

		private MachineSnapshot snapshot() {
			return new MachineSnapshot(id, events.last(), spec, state, "", 0, Instant.parse("2026-01-02T03:04:05Z"),
					state == MachineState.RUNNING ? "softcpu" : "", List.of(),
					Map.of("exits.port", 7L, "exits.mmio", 1L),
					List.of("serial0"), 0x8000_0000_0000_0001L);
		}

		private Job go(String kind, MachineState to, Principal principal) throws MachineException {
			if (state == to)
				throw new MachineException(CONFLICT, spec.name() + " is " + to);
			MemoryJob job = new MemoryJob("job-" + ids.incrementAndGet(), kind, id, principal.name());
			jobs.add(0, job);
			if (slow)
				return job;
			if (spec.boot().kernel().equals("/nowhere"))
				return job.failed(new MachineException(HOST, "there is no file /nowhere"));
			if (spec.boot().kernel().equals("/plugin"))
				return job.failed(new MachineException(MISSING_PLUGIN, "no installed bundle knows\ndisk format x"));
			state = to;
			events.publish(id, "machine.state", Map.of("state", to.name()));
			return job.done();
		}
	}

	/** What one principal gets to see. */
	private final class View implements Hypervisor {
		private final Principal principal;

		View(Principal principal) {
			this.principal = principal;
		}

		private void need(Permission permission) {
			if (!principal.may(permission))
				throw new DeniedException(principal, permission);
		}

		@Override
		public Machines machines() {
			return new Machines() {
				@Override
				public List<MachineSnapshot> list() {
					need(VIEW);
					return machines.values().stream().map(MemoryMachine::snapshot).toList();
				}

				@Override
				public Machine get(String nameOrId) throws MachineException {
					need(VIEW);
					return new Handle(find(nameOrId));
				}

				@Override
				public Machine define(MachineSpec spec) throws MachineException {
					need(DEFINE);
					MemoryMachine machine = new MemoryMachine(spec);
					if (machines.putIfAbsent(spec.name(), machine) != null)
						throw new MachineException(CONFLICT, "there is a machine " + spec.name());
					return new Handle(machine);
				}

				@Override
				public Machine redefine(String nameOrId, MachineSpec spec) throws MachineException {
					need(DEFINE);
					MemoryMachine machine = find(nameOrId);
					if (!machine.spec.name().equals(spec.name()))
						throw new MachineException(INVALID, "name: is not " + machine.spec.name());
					machine.spec = spec;
					return new Handle(machine);
				}

				@Override
				public void delete(String nameOrId) throws MachineException {
					need(DEFINE);
					MemoryMachine machine = find(nameOrId);
					if (machine.state == MachineState.RUNNING)
						throw new MachineException(CONFLICT, nameOrId + " is running");
					machines.remove(machine.spec.name());
				}

				private MemoryMachine find(String nameOrId) throws MachineException {
					for (MemoryMachine machine : machines.values())
						if (nameOrId.equals(machine.id) || nameOrId.equals(machine.spec.name()))
							return machine;
					throw new MachineException(NOT_FOUND, "there is no machine " + nameOrId);
				}
			};
		}

		/** A machine in the hands of the principal. */
		private final class Handle implements Machine {
			private final MemoryMachine machine;

			Handle(MemoryMachine machine) {
				this.machine = machine;
			}

			private Job go(String kind, MachineState to) throws MachineException {
				need(POWER);
				return machine.go(kind, to, principal);
			}

			@Override
			public MachineSnapshot snapshot() {
				return machine.snapshot();
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
			public Job reset() throws MachineException {
				need(POWER);
				throw new IllegalStateException("a mistake\nin the core");
			}

			@Override
			public Job moveTo(String backend) throws MachineException {
				need(POWER);
				throw new MachineException(INVALID, "no backend " + backend);
			}

			@Override
			public Console console(String name) throws MachineException {
				need(CONSOLE);
				if (!name.equals("serial0"))
					throw new MachineException(NOT_FOUND, "there is no console " + name);
				return console;
			}
		}

		/** Of a specification, the name and the kernel have to do. */
		@Override
		public Specs specs() {
			return new Specs() {
				@Override
				public MachineSpec read(String json) throws MachineException {
					try {
						JsonNode node = new ObjectMapper().readTree(json);
						if (!node.has("name"))
							throw new MachineException(INVALID, "disks[0].format: missing");
						return spec(node.get("name").textValue(), node.path("kernel").asText("/kernel"));
					} catch (JsonProcessingException e) {
						throw new MachineException(INVALID, "not JSON");
					}
				}

				@Override
				public String write(MachineSpec spec) {
					return "{\n  \"name\": \"%s\",\n  \"kernel\": \"%s\"\n}".formatted(spec.name(),
							spec.boot().kernel());
				}
			};
		}

		@Override
		public Jobs jobs() {
			return new Jobs() {
				@Override
				public List<Job.Snapshot> list() {
					need(VIEW);
					return jobs.stream().map(MemoryJob::snapshot).toList();
				}

				@Override
				public Job get(String id) throws MachineException {
					need(VIEW);
					for (MemoryJob job : jobs)
						if (job.snapshot().id().equals(id))
							return principal.may(POWER) ? job : new Job() {
								@Override
								public Snapshot snapshot() {
									return job.snapshot();
								}

								@Override
								public void cancel() {
									need(POWER);
								}

								@Override
								public Snapshot await(long millis) throws InterruptedException {
									return job.await(millis);
								}

								@Override
								public void join(long millis) throws MachineException, InterruptedException {
									job.join(millis);
								}
							};
					throw new MachineException(NOT_FOUND, "there is no job " + id);
				}
			};
		}

		@Override
		public Events events() {
			need(VIEW);
			return events;
		}

		@Override
		public Plugins plugins() {
			return new Plugins() {
				@Override
				public List<Plugin> list() {
					need(VIEW);
					return List.copyOf(plugins);
				}

				@Override
				public Plugin install(InputStream jar) throws MachineException {
					need(PLUGINS);
					Plugin plugin = new Plugin(ids.incrementAndGet() + 100, read(jar), "1.0.0", "", "ACTIVE",
							List.of("vmhi.vdisk.format=raw"), List.of());
					plugins.add(plugin);
					return plugin;
				}

				@Override
				public Plugin update(long id, InputStream jar) throws MachineException {
					need(PLUGINS);
					read(jar);
					return plugins.get(0);
				}

				@Override
				public void remove(long id) throws MachineException {
					need(PLUGINS);
					if (!plugins.removeIf(plugin -> plugin.id() == id))
						throw new MachineException(NOT_FOUND, "there is no plug-in " + id);
				}
			};
		}

		@Override
		public Map<String, HostVerdict> cpus() {
			need(VIEW);
			return Map.of("softcpu",
					new HostVerdict(HostVerdict.Fitness.SLOW, "runs anywhere", 8, List.of("pure Java")));
		}

		@Override
		public List<AuditEntry> audit(int most) {
			need(AUDIT);
			return List
					.of(new AuditEntry(1, Instant.parse("2026-01-02T03:04:05Z"), principal.name(), principal.origin(),
							"machine.start", "vm1", "ok", "00ff"));
		}
	}
}
