package vmhi.core.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.machine.MachineState;
import vmhi.core.spec.RandomSpecs;

class StoreTest {

	private final RandomSpecs specs = new RandomSpecs(new Random(1));
	@TempDir
	private Path directory;
	private Home home;
	private Store store;

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		store = new Store(home);
	}

	@AfterEach
	void close() throws IOException {
		home.close();
	}

	@Test
	void loadsWhatWasSavedLast() throws IOException {
		Stored one = stored("m1");
		Stored two = stored("m2");
		store.save(one);
		store.save(two);
		Stored running = two.in(MachineState.FAILED, "the guest\n\"fell\"", 3, Instant.now()).with(specs.next());
		store.save(running);

		assertEquals(Set.of(one, running), Set.copyOf(new Store(home).load()));
	}

	@Test
	void forgetsWhatWasDeleted() throws IOException {
		store.save(stored("m1"));
		Files.writeString(store.directory("m1").resolve("nvram"), "x");
		store.delete("m1");
		store.delete("m1");

		assertEquals(List.of(), store.load());
		assertFalse(Files.exists(store.directory("m1")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "null", "{\"id\": \"m1\"}", "{\"id\": \"other\"}", "\u0000\u0000\u0000" })
	void keepsAsideWhatItCannotReadAndGoesOn(String text) throws IOException {
		Stored good = stored("m2");
		store.save(good);
		store.save(stored("m1"));
		Files.writeString(store.directory("m1").resolve("machine.json"), text);

		assertEquals(List.of(good), store.load());
		assertEquals(1, store.broken().size());
		assertTrue(store.broken().get(0).contains("m1.broken"), store.broken().get(0));
		assertEquals(text, Files.readString(directory.resolve("machines/m1.broken/machine.json")));

		Store next = new Store(home);
		assertEquals(List.of(good), next.load());
		assertEquals(1, next.broken().size(), "it is told again");
	}

	@Test
	void keepsAsideBytesThatAreNoText() throws IOException {
		store.save(stored("m1"));
		Files.write(store.directory("m1").resolve("machine.json"), new byte[] { (byte) 0xff, (byte) 0xfe });

		assertEquals(List.of(), store.load());
		assertEquals(1, store.broken().size());
	}

	@Test
	void keepsAsideADirectoryWithFilesButNoMachine() throws IOException {
		Files.writeString(Files.createDirectory(directory.resolve("machines/m1")).resolve("nvram"), "x");

		assertEquals(List.of(), store.load());
		assertTrue(Files.exists(directory.resolve("machines/m1.broken/nvram")));
	}

	@Test
	void clearsAwayWhatACrashLeft() throws IOException {
		Path machines = directory.resolve("machines");
		Files.createDirectory(machines.resolve("empty"));
		Files.writeString(Files.createDirectory(machines.resolve("begun")).resolve("machine.json.tmp"), "{");
		Files.writeString(Files.createDirectory(machines.resolve("gone.deleted")).resolve("machine.json"), "{}");

		assertEquals(List.of(), store.load());
		assertEquals(List.of(), store.broken());
		try (var left = Files.list(machines)) {
			assertEquals(0, left.count());
		}
	}

	@Test
	void takesNoIdThatLeadsElsewhere() {
		for (String id : new String[] { "", "..", "a/b", "/etc", "a.deleted", "x".repeat(65) })
			assertThrows(IllegalArgumentException.class, () -> store.directory(id), id);
	}

	private Stored stored(String id) {
		return new Stored(id, specs.next(), Instant.now(), MachineState.DEFINED, "", 0, Instant.now());
	}
}
