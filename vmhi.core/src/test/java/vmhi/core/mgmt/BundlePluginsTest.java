package vmhi.core.mgmt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

import vmhi.api.machine.Event;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.mgmt.Plugins.Plugin;
import vmhi.core.event.EventLog;
import vmhi.core.state.Home;

/** Exchanges bundles of a real framework, in which a bundle {@code vmhi.core} stands on a bundle {@code vmhi.api}. */
@Timeout(60)
class BundlePluginsTest {

	private static final String PACKAGE = "lib.disk;version=\"[1,2)\"";

	@TempDir
	private Path directory;
	private Framework framework;
	private Bundle core;
	private Home home;
	private EventLog events;
	private BundlePlugins plugins;
	private final Map<String, List<String>> machines = new HashMap<>();

	@BeforeEach
	void start() throws BundleException, IOException {
		TestBundle.HEARD.clear();
		home = new Home(directory.resolve("home"));
		events = new EventLog(home, 1000);
		startFramework();
		Bundle api = framework.getBundleContext().installBundle("file:api",
				new TestBundle("vmhi.api", "1.0.0").header("Export-Package", "lib.disk;version=1.2.0").jar());
		api.start();
		core = framework.getBundleContext().installBundle("file:core",
				new TestBundle("vmhi.core", "1.0.0").header("Import-Package", PACKAGE).jar());
		core.start();
		plugins = plugins();
	}

	private void startFramework() throws BundleException {
		framework = new FrameworkFactory().newFramework(Map.of(
				Constants.FRAMEWORK_STORAGE, directory.resolve("cache").toString(),
				Constants.FRAMEWORK_BOOTDELEGATION, "vmhi.core.mgmt",
				Constants.FRAMEWORK_BUNDLE_PARENT, Constants.FRAMEWORK_BUNDLE_PARENT_APP,
				Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, Stream.of("org.osgi.service.component;version=1.5.1",
						"org.osgi.service.component.runtime;version=1.5",
						"org.osgi.service.component.runtime.dto;version=1.5",
						"org.osgi.util.promise;version=1.3", "org.osgi.util.function;version=1.2")
						.collect(Collectors.joining(","))));
		framework.start();
	}

	private BundlePlugins plugins() throws IOException {
		return new BundlePlugins(core.getBundleContext(), home, events, () -> machines, null);
	}

	@AfterEach
	void stop() throws BundleException, InterruptedException, IOException {
		framework.stop();
		framework.waitForStop(10_000);
		events.close();
		home.close();
	}

	@Test
	void listsWhatIsThereInTheOrderOfInstallation() throws MachineException {
		machines.put("vmhi.vdisk.x 1.0.1", List.of("web"));
		plugins.install(plugin("1.0.1").header("Bundle-Description", "Reads x.")
				.header("Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=x,vmhi.mgmt.protocol,other;a=b")
				.jar());

		List<Plugin> list = plugins.list();
		assertEquals(List.of("org.apache.felix.framework", "vmhi.api", "vmhi.core", "vmhi.vdisk.x"),
				list.stream().map(Plugin::name).toList());
		assertEquals(new Plugin(3, "vmhi.vdisk.x", "1.0.1", "Reads x.", "ACTIVE",
				List.of("vmhi.vdisk.format=x", "vmhi.mgmt.protocol="), List.of("web")), list.get(3));
	}

	@Test
	void installsAndStartsAndKeepsTheJar() throws Exception {
		byte[] jar = plugin("1.0.1").bytes();
		Plugin plugin = plugins.install(new ByteArrayInputStream(jar));

		assertEquals("vmhi.vdisk.x 1.0.1 ACTIVE", plugin.name() + " " + plugin.version() + " " + plugin.state());
		assertEquals("start vmhi.vdisk.x 1.0.1", heard().get(2));
		assertArrayEquals(jar, Files.readAllBytes(kept("vmhi.vdisk.x-1.0.1.jar")));
		assertEquals(List.of("vmhi.vdisk.x-1.0.1.jar"), kept());
		Event event = newestEvent();
		assertEquals("plugin.installed vmhi.vdisk.x 1.0.1", event.type() + " " + event.data().get("name") + " "
				+ event.data().get("version"));
		assertTrue(Long.parseLong(event.data().get("milliseconds")) >= 0);
		assertEquals(Long.toString(plugin.id()), event.data().get("plugin"));
	}

	@Test
	void aPluginIsThereAfterTheFrameworkWasRestarted() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		framework.stop();
		framework.waitForStop(10_000);
		startFramework();

		assertEquals(Bundle.ACTIVE, framework.getBundleContext().getBundle(id).getState());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@CsvSource(delimiter = '|', value = {
			"Bundle-SymbolicName | | not a bundle: no Bundle-SymbolicName in its manifest",
			"Bundle-SymbolicName | ../x | not a bundle: its Bundle-SymbolicName is not 1 to 128 of A-Z a-z 0-9 _ . -",
			"Bundle-ManifestVersion | | not a bundle: no Bundle-ManifestVersion: 2 in its manifest",
			"Bundle-ManifestVersion | 1 | not a bundle: no Bundle-ManifestVersion: 2 in its manifest",
			"Bundle-Version | one | not a bundle: its Bundle-Version is not a version",
			"Fragment-Host | vmhi.core | vmhi.vdisk.x is a fragment of another bundle, not a plug-in",
			"Import-Package | a b | vmhi.vdisk.x 1.0.1 cannot be installed: Exported package names cannot be "
					+ "zero length." })
	void refusesAJarByItsManifest(String header, String value, String message) throws Exception {
		MachineException refusal = refusal(() -> plugins.install(plugin("1.0.1").header(header, value).jar()));
		if (!header.equals("Import-Package")) // the words are the framework's
			assertEquals(message, refusal.getMessage());
		assertEquals(Kind.INVALID, refusal.kind());
		nothingIsLeft();
	}

	@Test
	void refusesWhatIsNoJar() throws Exception {
		for (byte[] bytes : new byte[][] { {}, "hello".getBytes(), Arrays.copyOf(plugin("1.0.1").bytes(), 200) }) {
			MachineException refusal = refusal(() -> plugins.install(new ByteArrayInputStream(bytes)));
			assertTrue(refusal.getMessage().startsWith("not a bundle: no jar"), refusal.getMessage());
		}
		nothingIsLeft();
	}

	@Test
	void readsNoMoreOfAStreamThanItTakesAndClosesIt() throws Exception {
		AtomicBoolean closed = new AtomicBoolean();
		InputStream endless = new InputStream() {
			@Override
			public int read() {
				return 0;
			}

			@Override
			public int read(byte[] target, int offset, int length) {
				return length;
			}

			@Override
			public void close() {
				closed.set(true);
			}
		};
		assertEquals("the jar has more than 64 MiB", refusal(() -> plugins.install(endless)).getMessage());
		assertTrue(closed.get());
		nothingIsLeft();
	}

	@Test
	void tellsThatTheStreamBroke() throws Exception {
		InputStream broken = new FilterInputStream(plugin("1.0.1").jar()) {
			@Override
			public int read(byte[] target, int offset, int length) throws IOException {
				throw new IOException("the client went away");
			}
		};
		MachineException refusal = refusal(() -> plugins.install(broken));
		assertEquals(Kind.HOST, refusal.kind());
		assertEquals("the jar could not be received: the client went away", refusal.getMessage());
		nothingIsLeft();
	}

	@ParameterizedTest(name = "{1}")
	@CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
			"Import-Package | lib.disk;version=\"[2,3)\" | package lib.disk version [2,3), which nobody "
					+ "provides; here it is 1.2",
			"Import-Package | lib.disk;version=\"1.3\" | package lib.disk version 1.3 or later, which nobody provides; "
					+ "here it is 1.2",
			"Import-Package | lib.disk;version=\"(1.2,1.5]\" | package lib.disk version (1.2,1.5], which nobody "
					+ "provides; "
					+ "here it is 1.2",
			"Import-Package | lib.net | package lib.net, which nobody provides",
			"Import-Package | lib.a,lib.disk,lib.b | package lib.a, which nobody provides (and 1 more)",
			"Require-Capability | osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\" | Java 99, which nobody provides",
			"Require-Capability | vmhi.cpu.kind;filter:=\"(vmhi.cpu.kind=kvm)\" | vmhi.cpu.kind "
					+ "(vmhi.cpu.kind=kvm), which "
					+ "nobody provides",
			"Require-Bundle | org.acme | osgi.wiring.bundle (osgi.wiring.bundle=org.acme), which nobody provides" })
	void saysWhatIsMissing(String header, String value, String message) throws Exception {
		MachineException refusal = refusal(() -> plugins.install(plugin("1.0.1").header(header, value).jar()));
		assertEquals("vmhi.vdisk.x 1.0.1 needs " + message, refusal.getMessage());
		assertEquals(Kind.INVALID, refusal.kind());
		nothingIsLeft();
		Event event = newestEvent();
		assertEquals("plugin.failed installing vmhi.vdisk.x 1.0.1 " + refusal.getMessage(), "%s %s %s %s %s".formatted(
				event.type(), event.data().get("action"), event.data().get("name"), event.data().get("version"),
				event.data().get("reason")));
	}

	@Test
	void saysThatTheProviderOfWhatIsMissingLacksSomethingItself() throws Exception {
		framework.getBundleContext().installBundle("file:half", new TestBundle("lib.half", "1")
				.header("Export-Package", "lib.net").header("Import-Package", "lib.nowhere").jar());
		assertEquals("vmhi.vdisk.x 1.0.1 needs package lib.net, whose provider lib.half lacks something itself",
				refusal(() -> plugins.install(plugin("1.0.1").header("Import-Package", "lib.net").jar())).getMessage());
	}

	@Test
	void doesNotMindWhatIsMissingButOptional() throws Exception {
		plugins.install(plugin("1.0.1").header("Import-Package", "lib.net;resolution:=optional")
				.header("Require-Capability", "vmhi.vdisk.format;filter:=\"(a=b)\";effective:=active").jar());
	}

	@Test
	void takesAwayAPluginThatDoesNotStart() throws Exception {
		MachineException refusal = refusal(() -> plugins.install(plugin("1.0.1").failingToStart().jar()));
		assertEquals("vmhi.vdisk.x 1.0.1 does not start: java.lang.IllegalStateException: no bits left",
				refusal.getMessage());
		nothingIsLeft();
	}

	@Test
	void refusesWhatIsThereAlreadyButTakesAnotherVersionBesideIt() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		assertEquals("vmhi.vdisk.x 1.0.1 is there already, as plug-in " + id,
				refusal(() -> plugins.install(plugin("1.0.1").jar())).getMessage());
		plugins.install(plugin("1.1.0").jar());

		assertEquals(List.of("vmhi.vdisk.x-1.0.1.jar", "vmhi.vdisk.x-1.1.0.jar"), kept());
		assertEquals(Bundle.ACTIVE, bundle(id).getState());
	}

	@Test
	void updatesInPlace() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		Plugin plugin = plugins.update(id, plugin("1.1.0").jar());

		assertEquals(id + " 1.1.0 ACTIVE", plugin.id() + " " + plugin.version() + " " + plugin.state());
		assertEquals(List.of("start vmhi.vdisk.x 1.0.1", "stop vmhi.vdisk.x 1.0.1", "start vmhi.vdisk.x 1.1.0"),
				heard().subList(2, 5));
		assertEquals("1.1.0", content(id));
		assertEquals(List.of("vmhi.vdisk.x-1.1.0.jar"), kept());
		Event event = newestEvent();
		assertEquals("plugin.updated 1.0.1 1.1.0",
				event.type() + " " + event.data().get("from") + " " + event.data().get("version"));
		assertEquals(4, plugins.list().size(), "the trial is gone");
	}

	@Test
	void updatesToAnotherBuildOfTheSameVersion() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		byte[] next = plugin("1.0.1").header("Bundle-Description", "another build").bytes();
		plugins.update(id, new ByteArrayInputStream(next));

		assertEquals("another build", bundle(id).getHeaders().get("Bundle-Description"));
		assertArrayEquals(next, Files.readAllBytes(kept("vmhi.vdisk.x-1.0.1.jar")));
	}

	@Test
	void updatesABundleOfWhichThereCanBeButOne() throws Exception {
		String name = "vmhi.vdisk.x;singleton:=true";
		long id = plugins.install(plugin("1.0.1").header("Bundle-SymbolicName", name).jar()).id();
		plugins.update(id, plugin("1.1.0").header("Bundle-SymbolicName", name).jar());

		assertEquals("vmhi.vdisk.x 1.1.0", title(id));
	}

	@Test
	void putsTheOldOneBackWhereTheNewOneDoesNotStart() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		MachineException refusal = refusal(() -> plugins.update(id, plugin("1.1.0").failingToStart().jar()));

		assertEquals("vmhi.vdisk.x 1.1.0 does not start: java.lang.IllegalStateException: no bits left",
				refusal.getMessage());
		assertEquals("vmhi.vdisk.x 1.0.1", title(id));
		assertEquals(Bundle.ACTIVE, bundle(id).getState());
		assertEquals("1.0.1", content(id));
		assertEquals(List.of("vmhi.vdisk.x-1.0.1.jar"), kept());
		assertEquals("plugin.failed", newestEvent().type());
		plugins.update(id, plugin("1.1.1").jar());
		assertEquals("vmhi.vdisk.x 1.1.1", title(id));
	}

	@Test
	void putsBackABundleThatWasNotInstalledHere() throws Exception {
		Bundle shipped = framework.getBundleContext().installBundle("file:shipped", plugin("1.0.0").jar());
		shipped.start();
		long id = shipped.getBundleId();
		assertThrows(MachineException.class, () -> plugins.update(id, plugin("1.1.0").failingToStart().jar()));

		assertEquals("vmhi.vdisk.x 1.0.0", title(id));
		assertEquals("1.0.0", content(id));
		assertEquals(Bundle.ACTIVE, shipped.getState());
		assertEquals(List.of(), kept());
	}

	@Test
	void doesNotEvenStopTheOldOneWhereTheNewOneDoesNotResolve() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		assertEquals("vmhi.vdisk.x 1.1.0 needs package lib.net, which nobody provides",
				refusal(() -> plugins.update(id, plugin("1.1.0").header("Import-Package", "lib.net").jar()))
						.getMessage());
		assertEquals("start vmhi.vdisk.x 1.0.1", heard().get(heard().size() - 1));
		assertEquals(4, plugins.list().size());
		assertEquals(Bundle.ACTIVE, bundle(id).getState());
	}

	@Test
	void putsTheOldOneBackWhereAnotherBuildDoesNotResolve() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		assertEquals("vmhi.vdisk.x 1.0.1 needs package lib.net, which nobody provides",
				refusal(() -> plugins.update(id, plugin("1.0.1").header("Import-Package", "lib.net").jar()))
						.getMessage());
		assertNull(bundle(id).getHeaders().get("Import-Package"));
		assertEquals(Bundle.ACTIVE, bundle(id).getState());
	}

	@Test
	void refusesToUpdateToSomethingElse() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		plugins.install(plugin("1.1.0").jar());
		assertEquals("the jar is vmhi.vdisk.y, not vmhi.vdisk.x",
				refusal(() -> plugins.update(id, new TestBundle("vmhi.vdisk.y", "1").jar())).getMessage());
		assertTrue(refusal(() -> plugins.update(id, plugin("1.1.0").jar())).getMessage().contains("is there already"));
		MachineException nobody = refusal(() -> plugins.update(99, plugin("1.2.0").jar()));
		assertEquals(Kind.NOT_FOUND, nobody.kind());
		assertEquals("no plug-in 99", nobody.getMessage());
	}

	@Test
	void updatesABundleThatOthersImportWithThem() throws Exception {
		long library = plugins.install(new TestBundle("lib.virtio", "1.0.0")
				.header("Export-Package", "lib.virtio;version=1.0").jar()).id();
		long user = plugins.install(plugin("1.0.1").header("Import-Package", "lib.virtio").jar()).id();
		plugins.update(library, new TestBundle("lib.virtio", "1.1.0").header("Export-Package", "lib.virtio;version=1.1")
				.jar());

		assertEquals(Bundle.ACTIVE, bundle(user).getState());
		assertEquals(2, heard().stream().filter("start vmhi.vdisk.x 1.0.1"::equals).count(), "it was started again");
		assertEquals(Bundle.ACTIVE, bundle(library).getState());
	}

	@Test
	void removesAPluginAndItsJar() throws Exception {
		long id = plugins.install(plugin("1.0.1").jar()).id();
		plugins.remove(id);

		nothingIsLeft();
		assertEquals("stop vmhi.vdisk.x 1.0.1", heard().get(heard().size() - 1));
		assertEquals("plugin.removed", newestEvent().type());
		assertEquals(Kind.NOT_FOUND, refusal(() -> {
			plugins.remove(id);
			return null;
		}).kind());
	}

	@Test
	void doesNotRemoveWhatOthersUse() throws Exception {
		long library = plugins
				.install(new TestBundle("lib.virtio", "1.0.0").header("Export-Package", "lib.virtio").jar())
				.id();
		plugins.install(plugin("1.0.1").header("Import-Package", "lib.virtio").jar());
		assertEquals("lib.virtio is used by vmhi.vdisk.x", removalRefused(library));
	}

	@Test
	void leavesTheFrameworkTheCoreAndWhatItStandsOnAlone() throws Exception {
		assertEquals("org.apache.felix.framework is the framework; it cannot be removed while the host runs",
				removalRefused(0));
		assertEquals("vmhi.core runs the machines; it cannot be removed while the host runs",
				removalRefused(core.getBundleId()));
		assertEquals("vmhi.core, which runs the machines, stands on vmhi.api; it cannot be removed while the host runs",
				removalRefused(1));
		assertEquals("vmhi.core runs the machines; it cannot be updated while the host runs",
				refusal(() -> plugins.update(core.getBundleId(), new TestBundle("vmhi.core", "2").jar())).getMessage());
		assertEquals("vmhi.core runs the machines; a second one beside it cannot be installed while the host runs",
				refusal(() -> plugins.install(new TestBundle("vmhi.core", "2").jar())).getMessage());
		assertTrue(heard().stream().noneMatch(what -> what.startsWith("stop")));
	}

	@Test
	void noticesAComponentThatFails() throws Exception {
		startScr();
		MachineException refusal = refusal(
				() -> plugins.install(plugin("1.0.1").component(TestBundle.BadComponent.class).jar()));
		assertEquals("vmhi.vdisk.x 1.0.1 does not start: its component BadComponent fails: "
				+ "java.lang.IllegalStateException: no atoms left", refusal.getMessage());
		assertNull(find("vmhi.vdisk.x"));

		long id = plugins.install(plugin("1.0.1").component(TestBundle.GoodComponent.class).jar()).id();
		assertThrows(MachineException.class,
				() -> plugins.update(id, plugin("1.1.0").component(TestBundle.BadComponent.class).jar()));
		assertEquals("vmhi.vdisk.x 1.0.1", title(id));
	}

	private void startScr() throws BundleException, IOException {
		BundleContext context = framework.getBundleContext();
		context.installBundle(
				org.apache.felix.scr.info.ScrInfo.class.getProtectionDomain().getCodeSource().getLocation()
						.toString())
				.start();
		ServiceComponentRuntime runtime = context
				.getService(context.getServiceReference(ServiceComponentRuntime.class));
		plugins = new BundlePlugins(core.getBundleContext(), home, events, () -> machines, runtime);
	}

	@Test
	void clearsAwayWhatACrashLeft() throws Exception {
		Files.writeString(kept("1234.tmp"), "half a jar");
		framework.getBundleContext().installBundle("vmhi-trial:vmhi.vdisk.x:1", plugin("2.0.0").jar());
		plugins();

		nothingIsLeft();
	}

	@Test
	void carriesOutChangesOneAfterTheOther() throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(4);
		List<Future<Plugin>> installed = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			String name = "vmhi.vdisk.n" + i;
			installed.add(pool.submit(() -> plugins.install(new TestBundle(name, "1.0.0").jar())));
		}
		for (Future<Plugin> plugin : installed)
			plugins.update(plugin.get().id(), new TestBundle(plugin.get().name(), "1.0.1").jar());
		pool.shutdown();

		assertEquals(8, kept().size());
		assertTrue(kept().stream().allMatch(name -> name.endsWith("-1.0.1.jar")));
	}

	@Test
	void staysSmallOverManyUpdates() throws Exception {
		long id = plugins.install(plugin("1.0.0").jar()).id();
		for (int i = 1; i <= 100; i++)
			plugins.update(id, plugin("1.0." + i).jar());

		assertEquals("vmhi.vdisk.x 1.0.100", title(id));
		assertEquals(List.of("vmhi.vdisk.x-1.0.100.jar"), kept());
		try (Stream<Path> cached = Files.list(directory.resolve("cache"))) {
			long bundles = cached.filter(path -> path.getFileName().toString().startsWith("bundle")).count();
			assertTrue(bundles < 10, bundles + " folders in the framework's cache");
		}
	}

	private static TestBundle plugin(String version) {
		return new TestBundle("vmhi.vdisk.x", version);
	}

	private static MachineException refusal(Callable<?> change) {
		return assertThrows(MachineException.class, change::call);
	}

	private String removalRefused(long id) {
		MachineException refusal = refusal(() -> {
			plugins.remove(id);
			return null;
		});
		assertEquals(Kind.CONFLICT, refusal.kind());
		return refusal.getMessage();
	}

	private void nothingIsLeft() throws IOException {
		assertNull(find("vmhi.vdisk.x"));
		assertEquals(List.of(), kept());
		assertNotEquals(0, framework.getBundleContext().getBundles().length);
	}

	private Bundle find(String name) {
		return Arrays.stream(framework.getBundleContext().getBundles())
				.filter(bundle -> name.equals(bundle.getSymbolicName())).findAny().orElse(null);
	}

	private Bundle bundle(long id) {
		return framework.getBundleContext().getBundle(id);
	}

	private String title(long id) {
		return bundle(id).getSymbolicName() + " " + bundle(id).getVersion();
	}

	private String content(long id) throws IOException {
		try (InputStream in = bundle(id).getEntry("a/b/content.txt").openStream()) {
			return new String(in.readAllBytes());
		}
	}

	private static List<String> heard() {
		return TestBundle.HEARD;
	}

	private Path kept(String name) {
		return home.path().resolve("plugins.d").resolve(name);
	}

	private List<String> kept() throws IOException {
		try (Stream<Path> files = Files.list(home.path().resolve("plugins.d"))) {
			return files.map(file -> file.getFileName().toString()).sorted().toList();
		}
	}

	private Event newestEvent() {
		return events.since(events.last() - 1, 1).get(0);
	}
}
