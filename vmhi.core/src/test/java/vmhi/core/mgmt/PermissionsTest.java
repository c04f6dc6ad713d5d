package vmhi.core.mgmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.mgmt.Permission.AUDIT;
import static vmhi.api.mgmt.Permission.CONSOLE;
import static vmhi.api.mgmt.Permission.DEFINE;
import static vmhi.api.mgmt.Permission.PLUGINS;
import static vmhi.api.mgmt.Permission.POWER;
import static vmhi.api.mgmt.Permission.VIEW;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.Events;
import vmhi.api.machine.Job;
import vmhi.api.machine.Jobs;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.Machines;
import vmhi.api.mgmt.AuditEntry;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Hypervisor;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Plugins;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.spec.JsonSpecs;
import vmhi.core.state.Home;

/**
 * Who may do what, over every method there is. A method that is new fails here until it has a rule. Behind the guard
 * there is nothing, so whoever is let through ends in a {@link NullPointerException}, and not in a
 * {@link DeniedException}.
 */
class PermissionsTest {

	private static final Map<String, Permission> RULES = Map.ofEntries(
			Map.entry("Hypervisor.machines", VIEW), Map.entry("Hypervisor.specs", VIEW),
			Map.entry("Hypervisor.jobs", VIEW), Map.entry("Hypervisor.events", VIEW),
			Map.entry("Hypervisor.plugins", VIEW), Map.entry("Hypervisor.cpus", VIEW),
			Map.entry("Hypervisor.audit", AUDIT),
			Map.entry("Machines.list", VIEW), Map.entry("Machines.get", VIEW), Map.entry("Machines.define", DEFINE),
			Map.entry("Machines.redefine", DEFINE), Map.entry("Machines.delete", DEFINE),
			Map.entry("Machine.snapshot", VIEW), Map.entry("Machine.start", POWER),
			Map.entry("Machine.shutdown", POWER), Map.entry("Machine.stop", POWER), Map.entry("Machine.pause", POWER),
			Map.entry("Machine.resume", POWER), Map.entry("Machine.reset", POWER), Map.entry("Machine.moveTo", POWER),
			Map.entry("Machine.console", CONSOLE),
			Map.entry("Jobs.list", VIEW), Map.entry("Jobs.get", VIEW), Map.entry("Job.snapshot", VIEW),
			Map.entry("Job.cancel", POWER), Map.entry("Job.await", VIEW), Map.entry("Job.join", VIEW),
			Map.entry("Events.last", VIEW), Map.entry("Events.first", VIEW), Map.entry("Events.since", VIEW),
			Map.entry("Events.subscribe", VIEW),
			Map.entry("Plugins.list", VIEW), Map.entry("Plugins.install", PLUGINS),
			Map.entry("Plugins.update", PLUGINS), Map.entry("Plugins.remove", PLUGINS));

	@TempDir
	private Path directory;
	private Home home;
	private AuditLog audit;

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		audit = new AuditLog(home);
	}

	@AfterEach
	void close() throws IOException {
		audit.close();
		home.close();
	}

	@Test
	void everyMethodHasARule() {
		Set<String> methods = new TreeSet<>();
		parts(principal()).keySet().forEach(part -> {
			for (Method method : part.getMethods())
				methods.add(name(part, method));
		});
		assertEquals(new TreeSet<>(RULES.keySet()), methods);
	}

	@Test
	void somebodyWithoutARoleIsDeniedEverythingAndThatIsWrittenDown() throws ReflectiveOperationException {
		Principal nobody = principal();
		for (Map.Entry<Class<?>, Object> part : parts(nobody).entrySet())
			for (Method method : part.getKey().getMethods()) {
				assertEquals("denied", outcome(part.getValue(), method), name(part.getKey(), method));
				AuditEntry entry = audit.newest(1).get(0);
				assertEquals("nobody test denied",
						"%s %s %s".formatted(entry.principal(), entry.origin(), entry.outcome()),
						name(part.getKey(), method));
			}
	}

	@Test
	void eachRoleMayWhatItsPermissionsSayAndNoMore() throws ReflectiveOperationException {
		for (Role role : Role.values())
			for (Map.Entry<Class<?>, Object> part : parts(principal(role)).entrySet())
				for (Method method : part.getKey().getMethods()) {
					String name = name(part.getKey(), method);
					assertEquals(role.has(RULES.get(name)) ? "let in" : "denied", outcome(part.getValue(), method),
							role + " " + name);
				}
	}

	@Test
	void readingIsNotWrittenDown() throws ReflectiveOperationException {
		for (Map.Entry<Class<?>, Object> part : parts(principal(Role.ADMIN)).entrySet())
			for (Method method : part.getKey().getMethods())
				if (RULES.get(name(part.getKey(), method)) == VIEW)
					outcome(part.getValue(), method);
		assertEquals(List.of(), audit.newest(10));
	}

	@Test
	void partsThatAreHandedOutAreGuardedThemselves() {
		Hypervisor host = hypervisor(principal(Role.ADMIN));
		for (Object part : new Object[] { host.machines(), host.jobs(), host.events(), host.plugins() })
			assertTrue(part.getClass().getSimpleName().startsWith("Guarded"), part.getClass().getName());
	}

	private static Principal principal(Role... roles) {
		return new Principal("nobody", "test", Set.of(roles));
	}

	private Hypervisor hypervisor(Principal principal) {
		Guard guard = new Guard(principal, audit);
		return new GuardedHypervisor(guard, null, new JsonSpecs(), null,
				new GuardedEvents(guard, null, ConcurrentHashMap.newKeySet()), null, audit);
	}

	private Map<Class<?>, Object> parts(Principal principal) {
		Guard guard = new Guard(principal, audit);
		Map<Class<?>, Object> parts = new LinkedHashMap<>();
		parts.put(Hypervisor.class, hypervisor(principal));
		parts.put(Machines.class, new GuardedMachines(guard, null));
		parts.put(Machine.class, new GuardedMachine(guard, null, "web"));
		parts.put(Jobs.class, new GuardedJobs(guard, null));
		parts.put(Job.class, new GuardedJob(guard, null));
		parts.put(Events.class, new GuardedEvents(guard, null, ConcurrentHashMap.newKeySet()));
		parts.put(Plugins.class, new GuardedPlugins(guard, null));
		return parts;
	}

	private static String name(Class<?> part, Method method) {
		return part.getSimpleName() + "." + method.getName();
	}

	private static String outcome(Object part, Method method) throws ReflectiveOperationException {
		try {
			method.invoke(part, arguments(method));
		} catch (InvocationTargetException e) {
			if (e.getCause() instanceof DeniedException)
				return "denied";
			assertTrue(e.getCause() instanceof NullPointerException, e.getCause().toString());
		}
		return "let in";
	}

	private static Object[] arguments(Method method) {
		Class<?>[] types = method.getParameterTypes();
		Object[] arguments = new Object[types.length];
		for (int i = 0; i < types.length; i++)
			arguments[i] = argument(types[i]);
		return arguments;
	}

	private static Object argument(Class<?> type) {
		if (type == long.class)
			return 1L;
		if (type == int.class)
			return 1;
		if (type == String.class)
			return "web";
		if (type == InputStream.class)
			return InputStream.nullInputStream();
		if (type == MachineSpec.class)
			return spec();
		return null;
	}

	private static MachineSpec spec() {
		return new MachineSpec("web", Map.of(), null, 0, null, List.of(), List.of(), null, Map.of(), null, false);
	}
}
