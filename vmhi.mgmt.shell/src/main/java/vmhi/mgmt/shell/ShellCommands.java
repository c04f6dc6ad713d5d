package vmhi.mgmt.shell;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import vmhi.api.cpu.HostVerdict;
import vmhi.api.machine.Console;
import vmhi.api.machine.Event;
import vmhi.api.machine.Events;
import vmhi.api.machine.Job;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.mgmt.Access;
import vmhi.api.mgmt.AuditEntry;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Protocol;

/**
 * The commands of the terminal, {@code vmhi:machines} and so on. A public method is a command; what it returns the
 * shell prints, and what it throws the shell prints on one line. Who sits at the terminal of this process may do
 * anything.
 * <p>
 * {@link PluginCommands} has those whose names are no names for methods.
 */
@Component(service = ShellCommands.class)
@GogoCommand(scope = ShellCommands.SCOPE, function = { "machines", "define", "show", "delete", "start", "shutdown",
		"stop", "pause", "resume", "reset", "move", "console", "events", "jobs", "plugins", "cpus", "audit" })
@Protocol("shell")
public final class ShellCommands {

	static final String SCOPE = "vmhi";

	private static final int PATIENCE_MILLIS = 60_000;
	private static final int GLANCE_MILLIS = 200;

	private final Hypervisor host;

	@Activate
	public ShellCommands(@Reference Access access) {
		host = Terminal.open(access);
	}

	@Descriptor("lists the machines")
	public String machines() {
		Table table = new Table("NAME", "STATE", "CPU", "VCPUS", "MEMORY", "SINCE", "REASON");
		for (MachineSnapshot machine : host.machines().list()) {
			MachineSpec spec = machine.spec();
			table.row(machine.name(), Terminal.word(machine.state()),
					machine.backend().isEmpty() ? spec.cpu().backend() : machine.backend(), spec.cpu().count(),
					Terminal.size(spec.memory()), Terminal.time(machine.since()), machine.reason());
		}
		return table.toString();
	}

	@Descriptor("defines a machine")
	public String define(CommandSession session, @Descriptor("file with its specification, as JSON") String file)
			throws MachineException, IOException {
		Machine machine = host.machines().define(host.specs().read(Terminal.read(session, file)));
		return machine.snapshot().name() + " is defined";
	}

	@Descriptor("shows all there is to know about a machine")
	public String show(@Descriptor("its name or id") String name) throws MachineException {
		MachineSnapshot machine = host.machines().get(name).snapshot();
		Table table = new Table();
		table.row("name", machine.name());
		table.row("id", machine.id());
		table.row("state", Terminal.word(machine.state()));
		table.row("since", Terminal.time(machine.since()));
		table.row("reason", machine.reason());
		table.row("status", machine.status());
		table.row("backend", machine.backend());
		table.row("consoles", String.join(" ", machine.consoles()));
		table.row("guest", "0x" + Long.toHexString(machine.guestIdentity()));
		for (MachineSnapshot.Serving plugin : machine.plugins())
			table.row(plugin.role(), plugin.bundle() + " " + plugin.version() + (plugin.present() ? "" : " (gone)"));
		new TreeMap<>(machine.counters()).forEach(table::row);
		return table + "\n" + Terminal.printable(host.specs().write(machine.spec()));
	}

	@Descriptor("forgets a machine; its disks stay")
	public String delete(@Descriptor("its name or id") String name) throws MachineException {
		host.machines().delete(name);
		return name + " is deleted";
	}

	@Descriptor("starts a machine")
	public String start(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).start());
	}

	@Descriptor("asks the guest to shut down")
	public String shutdown(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).shutdown());
	}

	@Descriptor("cuts the power of a machine")
	public String stop(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).stop());
	}

	@Descriptor("has a machine stand still")
	public String pause(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).pause());
	}

	@Descriptor("has a machine go on")
	public String resume(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).resume());
	}

	@Descriptor("presses the reset button of a machine")
	public String reset(@Descriptor("its name or id") String name) throws MachineException, InterruptedException {
		return finish(host.machines().get(name).reset());
	}

	@Descriptor("moves a running machine to another CPU backend")
	public String move(@Descriptor("its name or id") String name, @Descriptor("kind of CPU backend") String backend)
			throws MachineException, InterruptedException {
		return finish(host.machines().get(name).moveTo(backend));
	}

	@Descriptor("shows the end of what a machine wrote to a console")
	public String console(CommandSession session,
			@Descriptor("follow it until Enter is pressed") @Parameter(names = { "-f",
					"--follow" }, presentValue = "true", absentValue = "false") boolean follow,
			@Descriptor("how many lines") @Parameter(names = { "-n", "--lines" }, absentValue = "20") int lines,
			@Descriptor("name or id of the machine, and of the console if not the first") String... which)
			throws MachineException, InterruptedException, IOException {
		if (which.length < 1 || which.length > 2)
			throw new IllegalArgumentException("say which machine, and which console of it if not the first");
		Machine machine = host.machines().get(which[0]);
		List<String> names = machine.snapshot().consoles();
		if (names.isEmpty() && which.length == 1)
			throw new IllegalArgumentException(which[0] + " has no console");
		Console console = machine.console(which.length == 2 ? which[1] : names.get(0));
		ConsoleText text = new ConsoleText();
		ByteBuffer bytes = ByteBuffer.allocate(console.capacity());
		long next = console.read(0, bytes) + bytes.position();
		List<String> all = text.next(bytes.flip()).lines().toList();
		String tail = String.join("\n", all.subList(Math.max(0, all.size() - Math.max(0, lines)), all.size()));
		if (!follow)
			return tail;
		session.getConsole().print(tail);
		follow(session, console, next, text);
		return null;
	}

	private static void follow(CommandSession session, Console console, long from, ConsoleText text)
			throws InterruptedException, IOException {
		ByteBuffer bytes = ByteBuffer.allocate(4096);
		for (long next = from; session.getKeyboard().available() == 0;) {
			session.getConsole().flush();
			if (!console.await(next, GLANCE_MILLIS))
				continue;
			next = console.read(next, bytes.clear()) + bytes.position();
			session.getConsole().print(text.next(bytes.flip()));
		}
		while (session.getKeyboard().available() > 0)
			session.getKeyboard().read();
		session.getConsole().println();
	}

	@Descriptor("lists the newest events")
	public String events(
			@Descriptor("how many") @Parameter(names = { "-n", "--number" }, absentValue = "20") int number) {
		Events events = host.events();
		Table table = new Table("NUMBER", "TIME", "MACHINE", "TYPE", "DATA");
		for (Event event : events.since(Math.max(events.first() - 1, events.last() - number), Math.max(0, number)))
			table.row(event.number(), Terminal.time(event.time()), event.machine(), event.type(), data(event.data()));
		return table.toString();
	}

	private static String data(Map<String, String> data) {
		return new TreeMap<>(data).entrySet().stream().map(Object::toString).collect(joining(" "));
	}

	@Descriptor("lists the jobs, the newest first")
	public String jobs() {
		Table table = new Table("ID", "KIND", "MACHINE", "STATE", "DONE", "BY", "STARTED", "MESSAGE");
		for (Job.Snapshot job : host.jobs().list())
			table.row(job.id(), job.kind(), job.machine(), Terminal.word(job.state()),
					Math.round(job.progress() * 100) + "%", job.principal(), Terminal.time(job.started()),
					job.message());
		return table.toString();
	}

	@Descriptor("lists the bundles this host is put together from")
	public String plugins() {
		Table table = new Table("ID", "NAME", "VERSION", "STATE", "PROVIDES", "MACHINES");
		for (Plugins.Plugin plugin : host.plugins().list())
			table.row(plugin.id(), plugin.name(), plugin.version(), plugin.state(), String.join(" ", plugin.provides()),
					String.join(" ", plugin.machines()));
		return table.toString();
	}

	@Descriptor("tells how well each CPU backend runs on this host")
	public String cpus() {
		Table table = new Table("KIND", "FITNESS", "VCPUS", "WHY");
		for (Map.Entry<String, HostVerdict> cpu : new TreeMap<>(host.cpus()).entrySet()) {
			HostVerdict verdict = cpu.getValue();
			table.row(cpu.getKey(), Terminal.word(verdict.fitness()), verdict.maxVcpus(), verdict.summary());
			for (String detail : verdict.details())
				table.row("", "", "", detail);
		}
		return table.toString();
	}

	@Descriptor("lists the newest entries of the audit log, the newest first")
	public String audit(
			@Descriptor("how many") @Parameter(names = { "-n", "--number" }, absentValue = "20") int number) {
		Table table = new Table("NUMBER", "TIME", "WHO", "FROM", "ACTION", "OBJECT", "OUTCOME");
		for (AuditEntry entry : host.audit(number))
			table.row(entry.number(), Terminal.time(entry.time()), entry.principal(), entry.origin(), entry.action(),
					entry.object(), entry.outcome());
		return table.toString();
	}

	/** Waits for a job, for as long as a person would, and says how it went. */
	private static String finish(Job job) throws MachineException, InterruptedException {
		Job.Snapshot now = job.await(PATIENCE_MILLIS);
		if (now.over())
			job.join(0);
		return Stream.of(now.kind(), now.over() ? "done" : "goes on as job " + now.id(), now.message())
				.filter(word -> !word.isEmpty()).collect(joining(" "));
	}
}
