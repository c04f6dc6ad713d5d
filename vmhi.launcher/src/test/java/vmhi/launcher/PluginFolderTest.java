package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginFolderTest {
	@TempDir
	Path home;

	private final RecordingPlugins plugins = new RecordingPlugins();
	private final List<String> log = new ArrayList<>();
	private Path folder;
	private Path bundles;
	private PluginFolder watched;
	private long now;

	@BeforeEach
	void folders() throws IOException {
		folder = Files.createDirectories(home.resolve("plugins"));
		bundles = Files.createDirectories(home.resolve("bundles"));
		watched = new PluginFolder(List.of(folder, home.resolve("none")), bundles, plugins, new FolderRecord(home),
				log::add);
	}

	@Test
	void jarThatAppearsIsInstalled() throws IOException {
		jar("a.jar", "acme.a", "1.0.0");

		settle();

		assertEquals(List.of("install acme.a 1.0.0"), plugins.calls);
		assertEquals(List.of(), log);
	}

	@Test
	void jarIsLeftAloneUntilItHasSettled() throws IOException {
		jar("a.jar", "acme.a", "1.0.0");
		assertTrue(watched.scan(now));
		now += PluginFolder.SETTLE_MILLIS - 1;
		assertTrue(watched.scan(now));
		jar("a.jar", "acme.a", "1.0.0", "More", "and more of it");
		now += PluginFolder.SETTLE_MILLIS - 1;
		assertTrue(watched.scan(now));
		assertEquals(List.of(), plugins.calls);

		now += PluginFolder.SETTLE_MILLIS;
		assertFalse(watched.scan(now));
		assertEquals(List.of("install acme.a 1.0.0"), plugins.calls);
	}

	@Test
	void jarThatIsReplacedIsUpdated() throws IOException {
		jar("a.jar", "acme.a", "1.0.0");
		settle();
		jar("a.jar", "acme.a", "1.1.0");
		settle();

		assertEquals(List.of("install acme.a 1.0.0", "update 1 to acme.a 1.1.0"), plugins.calls);
	}

	@Test
	void jarThatIsReplacedByOneWithAnotherNameIsUpdated() throws IOException {
		Path old = jar("a-1.0.jar", "acme.a", "1.0.0");
		settle();
		Files.delete(old);
		jar("a-1.1.jar", "acme.a", "1.1.0");
		settle();

		assertEquals(List.of("install acme.a 1.0.0", "update 1 to acme.a 1.1.0"), plugins.calls);
	}

	@Test
	void jarThatIsRenamedStays() throws IOException {
		Path jar = jar("a.jar", "acme.a", "1.0.0");
		settle();
		Files.move(jar, folder.resolve("b.jar"));
		settle();

		assertEquals(List.of("install acme.a 1.0.0"), plugins.calls);
	}

	@Test
	void jarOfAnotherBundleInItsPlaceIsAnInstallAndARemoval() throws IOException {
		jar("a.jar", "acme.a", "1.0.0");
		settle();
		jar("a.jar", "acme.b", "1.0.0");
		settle();

		assertEquals(List.of("install acme.a 1.0.0", "install acme.b 1.0.0", "remove 1"), plugins.calls);
	}

	@Test
	void jarThatGoesIsRemoved() throws IOException {
		Path jar = jar("a.jar", "acme.a", "1.0.0");
		settle();
		Files.delete(jar);
		settle();

		assertEquals(List.of("install acme.a 1.0.0", "remove 1"), plugins.calls);
	}

	@Test
	void jarTakesThePlaceOfWhatCameWithTheDistributionUntilItGoes() throws IOException {
		TestJars.write(bundles.resolve("raw.jar"), TestJars.bundle("vmhi.raw", "1.0.0"));
		long id = plugins.has("vmhi.raw", "1.0.0");
		Path jar = jar("raw.jar", "vmhi.raw", "1.0.1");
		settle();
		Files.delete(jar);
		settle();

		assertEquals(List.of("update %d to vmhi.raw 1.0.1".formatted(id), "update %d to vmhi.raw 1.0.0".formatted(id)),
				plugins.calls);
	}

	@Test
	void lowerVersionOfWhatCameWithTheDistributionGoesBesideIt() throws IOException {
		TestJars.write(bundles.resolve("raw.jar"), TestJars.bundle("vmhi.raw", "1.0.0"));
		plugins.has("vmhi.raw", "1.0.0");
		Path jar = jar("raw.jar", "vmhi.raw", "0.9.0");
		settle();
		Files.delete(jar);
		settle();

		assertEquals(List.of("install vmhi.raw 0.9.0", "remove 2"), plugins.calls);
	}

	@Test
	void jarThatNeedsAnotherGoesInAfterIt() throws IOException {
		jar("a.jar", "acme.a", "1.0.0", "Test-Needs", "acme.b");
		jar("b.jar", "acme.b", "1.0.0");
		settle();

		assertEquals(List.of("install acme.b 1.0.0", "install acme.a 1.0.0"), plugins.calls);
		assertEquals(List.of(), log);
	}

	@Test
	void jarThatDoesNotGoInIsReportedOnceAndTriedAgainWhenAnotherDoes() throws IOException {
		Path needy = jar("a.jar", "acme.a", "1.0.0", "Test-Needs", "acme.b");
		settle();
		settle();
		assertEquals(List.of("%s is left out: acme.a lacks acme.b".formatted(needy)), log);

		jar("b.jar", "acme.b", "1.0.0");
		settle();
		assertEquals(List.of("install acme.b 1.0.0", "install acme.a 1.0.0"), plugins.calls);
	}

	@Test
	void fileThatIsNoBundleIsReportedOnceInOneLine() throws IOException {
		Path text = Files.writeString(folder.resolve("a.jar"), "no jar");
		Path plain = TestJars.write(folder.resolve("b.jar"), Map.of("Name", "plain"));
		settle();
		settle();

		assertEquals(2, log.size());
		assertTrue(log.get(0).startsWith(text + " is not a jar ("), log.get(0));
		assertEquals(
				plain + " is not a bundle: its manifest has no Bundle-SymbolicName; build it with bnd or delete it",
				log.get(1));
		assertEquals(List.of(), plugins.calls);
	}

	@Test
	void whatWasThereGoesOnWhenItsJarIsSpoiledAndFollowsWhenItIsWholeAgain() throws IOException {
		Path jar = jar("a.jar", "acme.a", "1.0.0");
		settle();
		Files.writeString(jar, "half a jar");
		settle();
		assertTrue(log.get(0).endsWith("; what was there before goes on"), log.get(0));
		jar("a.jar", "acme.a", "1.0.1");
		settle();

		assertEquals(List.of("install acme.a 1.0.0", "update 1 to acme.a 1.0.1"), plugins.calls);
	}

	@Test
	void otherFilesAreNoneOfItsBusiness() throws IOException {
		Files.writeString(folder.resolve("notes.txt"), "x");
		Files.writeString(folder.resolve(".a.jar"), "rsync at work");
		settle();

		assertEquals(List.of(), log);
	}

	@Test
	void whatThePlatformWasStartedFromIsAdopted() throws IOException {
		long id = plugins.has("acme.a", "1.0.0");
		Path jar = jar("a.jar", "acme.a", "1.0.0");
		jar("b.jar", "acme.b", "1.0.0");
		watched.adopt(now);
		settle();
		assertEquals(List.of(), plugins.calls);

		Files.delete(jar);
		settle();
		assertEquals("remove " + id, plugins.calls.get(0));
	}

	@Test
	void coreForgetsWhatWasDeletedFromTheFolderWhileItDidNotRun() throws IOException, Problem {
		Path a = jar("a.jar", "acme.a", "1.0.0");
		jar("b.jar", "acme.b", "1.0.0");
		settle();
		Path keptA = TestJars.write(home.resolve("plugins.d/acme.a-1.0.0.jar"), TestJars.bundle("acme.a", "1.0.0"));
		Path keptB = TestJars.write(home.resolve("plugins.d/acme.b-1.0.0.jar"), TestJars.bundle("acme.b", "1.0.0"));
		Path keptC = TestJars.write(home.resolve("plugins.d/acme.c-1.0.0.jar"), TestJars.bundle("acme.c", "1.0.0"));
		Files.delete(a);

		new FolderRecord(home).forgetWhatIsGone(List.of(folder));

		assertFalse(Files.exists(keptA));
		assertTrue(Files.exists(keptB));
		assertTrue(Files.exists(keptC));
	}

	private Path jar(String file, String name, String version, String... more) throws IOException {
		return TestJars.write(folder.resolve(file), TestJars.bundle(name, version, more));
	}

	/** Looks as often as the watch would. */
	private void settle() {
		for (int i = 0; watched.scan(now) || i < 1; i++) {
			now += PluginFolder.SETTLE_MILLIS / 3;
			assertTrue(i < 100, "never settles");
		}
	}
}
