package vmhi.mgmt.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;

/** The commands, typed into a real Gogo. */
class ShellCommandsTest {
	private final MemoryHost host = new MemoryHost();
	private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
	private final PipedOutputStream keyboard = new PipedOutputStream();
	private final CommandProcessorImpl gogo = new CommandProcessorImpl();
	private final TimeZone zone = TimeZone.getDefault();
	private CommandSession session;

	@TempDir
	private Path folder;

	@BeforeEach
	void start() throws Exception {
		TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
		ShellCommands commands = new ShellCommands(host);
		for (Method method : ShellCommands.class.getDeclaredMethods())
			if (method.isAnnotationPresent(Descriptor.class))
				gogo.addCommand(ShellCommands.SCOPE, commands, method.getName());
		gogo.addCommand(ShellCommands.SCOPE, new PluginCommands.Install(host), "plugin-install");
		gogo.addCommand(ShellCommands.SCOPE, new PluginCommands.Update(host), "plugin-update");
		gogo.addCommand(ShellCommands.SCOPE, new PluginCommands.Remove(host), "plugin-remove");
		session = gogo.createSession(new PipedInputStream(keyboard), screen, screen);
		session.currentDir(folder);
		Files.writeString(folder.resolve("vm1.json"), "vm1\n");
		Files.writeString(folder.resolve("raw.jar"), "a jar");
	}

	@AfterEach
	void stop() {
		session.close();
		gogo.stop();
		TimeZone.setDefault(zone);
	}

	private Object type(String line) throws Exception {
		return session.execute(line);
	}

	@Test
	void isAnAdministrator() {
		assertEquals(new Principal("terminal", "shell", Set.of(Role.ADMIN)), host.principal);
	}

	@Test
	void machineIsDefinedStartedAndDeleted() throws Exception {
		assertEquals("vm1 is defined", type("vmhi:define vm1.json"));
		assertEquals("machine.start done", type("vmhi:start vm1"));
		assertEquals(MachineState.RUNNING, host.state);
		assertEquals("machine.pause done", type("vmhi:pause vm1"));
		assertEquals("machine.resume done", type("vmhi:resume vm1"));
		assertEquals("machine.reset done", type("vmhi:reset vm1"));
		assertEquals("machine.move to softcpu done", type("vmhi:move vm1 softcpu"));
		assertEquals("machine.shutdown done", type("vmhi:shutdown vm1"));
		host.state = MachineState.RUNNING;
		assertEquals("machine.stop done", type("vmhi:stop vm1"));
		assertEquals("vm1 is deleted", type("vmhi:delete vm1"));
		assertEquals("NAME  STATE  CPU  VCPUS  MEMORY  SINCE  REASON", type("vmhi:machines"));
	}

	@Test
	void machinesAreListedInATable() throws Exception {
		type("vmhi:define vm1.json");
		host.reason = "disk\nis \u001b[31mfull";

		assertEquals("""
				NAME  STATE    CPU   VCPUS  MEMORY   SINCE                REASON
				vm1   defined  auto  2      512 MiB  2026-01-02 03:04:05  disk is .[31mfull""", type("vmhi:machines"));
	}

	@Test
	void machineIsShownWithAllThereIsToKnow() throws Exception {
		type("vmhi:define vm1.json");
		type("vmhi:start vm1");

		assertEquals("""
				name        vm1
				id          id-1
				state       running
				since       2026-01-02 03:04:05
				reason
				status      0
				backend     kvm
				consoles    serial0
				guest       0x10
				disk:raw    vmhi.vdisk.raw 1.0.0
				exits.port  3
				{ "name": "vm1" }""", type("vmhi:show vm1"));
	}

	@Test
	void consoleShowsItsEndWithoutWhatATerminalObeys() throws Exception {
		type("vmhi:define vm1.json");
		for (int i = 1; i <= 30; i++)
			host.write("line %d\r\n".formatted(i));
		host.write("\u001b]0;owned\u0007 grün \u009b2J \u202e login: ");

		assertEquals("line 30\n.]0;owned. grün .2J . login: ", type("vmhi:console -n 2 vm1"));
		assertEquals(20, type("vmhi:console vm1").toString().lines().count());
		assertEquals("", type("vmhi:console -n 0 vm1 serial0"));
	}

	@Test
	void consoleIsFollowedUntilEnterIsPressed() throws Exception {
		type("vmhi:define vm1.json");
		host.write("login: ");
		CompletableFuture<Object> following = CompletableFuture.supplyAsync(() -> {
			try {
				return type("vmhi:console -f vm1");
			} catch (Exception e) {
				throw new AssertionError(e);
			}
		});
		await("login: ");

		byte[] umlaut = "ü".getBytes(StandardCharsets.UTF_8);
		host.write("adm");
		await("login: adm");
		synchronized (host) { // half a character
			host.written = Arrays.copyOf(host.written, host.written.length + 1);
			host.written[host.written.length - 1] = umlaut[0];
			host.notifyAll();
		}
		synchronized (host) {
			host.written = Arrays.copyOf(host.written, host.written.length + 1);
			host.written[host.written.length - 1] = umlaut[1];
			host.notifyAll();
		}
		await("login: admü");

		keyboard.write('\n');
		keyboard.flush();
		following.get(10, TimeUnit.SECONDS);
	}

	private void await(String text) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
		while (!screen.toString(StandardCharsets.UTF_8).contains(text)) {
			assertTrue(System.nanoTime() < deadline, () -> "not on the screen: " + text + ", but " + screen);
			Thread.onSpinWait();
		}
	}

	@Test
	void eventsJobsPluginsProcessorsAndAuditAreTables() throws Exception {
		assertEquals("""
				NUMBER  TIME                 MACHINE  TYPE           DATA
				29      2026-01-02 03:04:05  id-1     machine.state  by=ci to=RUNNING
				30      2026-01-02 03:04:05  id-1     machine.state  by=ci to=RUNNING""", type("vmhi:events -n 2"));
		assertEquals(21, type("vmhi:events").toString().lines().count());
		assertEquals("""
				ID     KIND           MACHINE  STATE    DONE  BY  STARTED              MESSAGE
				job-1  machine.start  id-1     running  25%   ci  2026-01-02 03:04:05  reads""", type("vmhi:jobs"));
		assertEquals("""
				ID  NAME            VERSION  STATE   PROVIDES               MACHINES
				12  vmhi.vdisk.raw  1.0.0    ACTIVE  vmhi.vdisk.format=raw  vm1
				3   vmhi.vdisk.raw  1.0.0    ACTIVE  vmhi.vdisk.format=raw  vm1""", type("vmhi:plugins"));
		assertEquals("""
				KIND     FITNESS  VCPUS  WHY
				kvm      fast     64     /dev/kvm works
				                         API 12
				softcpu  slow     8      runs anywhere""", type("vmhi:cpus"));
		assertEquals("""
				NUMBER  TIME                 WHO  FROM            ACTION         OBJECT  OUTCOME
				1       2026-01-02 03:04:05  ci   rest 127.0.0.1  machine.start  vm1     ok""",
				type("vmhi:audit -n 5"));
	}

	@Test
	void pluginsAreInstalledUpdatedAndRemoved() throws Exception {
		assertEquals("vmhi.vdisk.raw 1.0.0 is installed as 12", type("vmhi:plugin-install raw.jar"));
		assertEquals("vmhi.vdisk.raw 1.0.0 is updated as 12", type("vmhi:plugin-update 12 raw.jar"));
		assertEquals("12 is removed", type("vmhi:plugin-remove 12"));

		assertEquals(List.of("install a jar", "update 12 a jar", "remove 12"), host.done);
	}

	@Test
	void mistakesAreOneLine() {
		for (String line : List.of("vmhi:start vm2", "vmhi:define nothing.json", "vmhi:console", "vmhi:console vm2",
				"vmhi:plugin-install", "vmhi:plugin-install nothing.jar", "vmhi:plugin-update raw.jar 12",
				"vmhi:plugin-remove x")) {
			Exception e = assertThrows(Exception.class, () -> type(line), line);
			assertTrue(e instanceof MachineException || e instanceof IllegalArgumentException, e::toString);
			assertEquals(1, e.getMessage().lines().count(), e::toString);
		}
	}
}
