package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.mgmt.Principal;

/** In a real framework, with bundles that do nothing. */
@Timeout(60)
class PlatformTest {
	@TempDir
	Path folder;

	private Home home;

	@BeforeEach
	void bundles() throws IOException, Problem {
		assumeTrue(contractsArePackaged(),
				"vmhi.api is a folder of classes here, whose manifest is only made when it is packaged");
		System.clearProperty(TestBundle.TRACE);
		home = Home.open(folder.resolve("home"));
		bundle("vmhi.core");
		bundle("org.apache.felix.configadmin");
		bundle("acme.raw", "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=raw");
		bundle("acme.rest", "Provide-Capability", "vmhi.mgmt.protocol;vmhi.mgmt.protocol=rest");
	}

	@AfterEach
	void leave() {
		if (home != null)
			home.close();
	}

	@Test
	void managementStartsLastAndStopsFirst() throws Problem {
		try (Platform platform = start("mgmt=rest\ndisk=raw")) {
			assertEquals("+configadmin +raw +core +rest ", System.getProperty(TestBundle.TRACE));
			assertEquals(Optional.empty(), platform.url());
			assertEquals(List.of(), platform.remarks());
			System.clearProperty(TestBundle.TRACE);
		}
		assertEquals("-rest -core -raw -configadmin ", System.getProperty(TestBundle.TRACE));
	}

	@Test
	void contractsAreSharedWithTheBundles() throws Problem {
		try (Platform platform = start("disk=raw")) {
			assertEquals("root at " + home.path(), assertThrows(UnsupportedOperationException.class,
					() -> platform.open(new Principal("root", "test", Set.of()))).getMessage());
		}
	}

	@Test
	void secondStartTakesTheSameBundlesFromMemory() throws Problem, IOException {
		start("mgmt=rest").close();
		assertEquals(1, Files.readAllLines(folder.resolve("cache/test.resolution")).stream()
				.filter(l -> l.endsWith("rest.jar")).count());
		System.clearProperty(TestBundle.TRACE);
		start("mgmt=rest").close();
		assertEquals("+configadmin +core +rest -rest -core -configadmin ", System.getProperty(TestBundle.TRACE));
	}

	@Test
	void bundleThatFailsToStartEndsTheOthers() throws IOException {
		bundle("acme.bad", "Test-Fails", "yes", "Provide-Capability", "vmhi.mgmt.protocol;vmhi.mgmt.protocol=bad");

		assertEquals("acme.bad 1.0.0 did not start: as the test wants it; see --debug",
				assertThrows(Problem.class, () -> start("mgmt=bad")).getMessage());
		assertEquals("+configadmin +core +bad -core -configadmin ", System.getProperty(TestBundle.TRACE));
	}

	@Test
	void plugInThatIsNoBundleIsLeftOutWithARemark() throws Problem, IOException {
		Path text = folder.resolve("plugins/notes.jar");
		Files.createDirectories(text.getParent());
		TestJars.write(text, Map.of("Name", "notes"));

		try (Platform platform = start("disk=raw")) {
			assertEquals(List.of(
					text + " is not a bundle: its manifest has no Bundle-SymbolicName; build it with bnd or delete it"),
					platform.remarks());
		}
	}

	private Platform start(String composition) throws Problem {
		return Platform.start(new Platform.Plan("test", Composition.parse("test", composition), new Dist(folder), home,
				folder.resolve("cache"), List.of(folder.resolve("plugins")), 0, false, false));
	}

	private void bundle(String name, String... headers) throws IOException {
		Map<String, String> all = TestJars.bundle(name, "1.0.0", headers);
		all.put("Bundle-Activator", TestBundle.class.getName());
		all.put("Import-Package", "org.osgi.framework, vmhi.api.mgmt");
		TestJars.write(folder.resolve("bundles").resolve(name + ".jar"), all, TestBundle.class);
	}

	private static boolean contractsArePackaged() {
		try {
			return Dist.contracts().containsKey("Export-Package");
		} catch (Problem e) {
			return false;
		}
	}
}
