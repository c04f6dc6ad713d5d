package vmhi.core.mgmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.mgmt.AuditEntry;
import vmhi.core.state.Home;

class AuditLogTest {

	@TempDir
	private Path directory;
	private Home home;
	private AuditLog log;

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		log = new AuditLog(home);
	}

	@AfterEach
	void close() throws IOException {
		log.close();
		home.close();
	}

	@Test
	void keepsEntriesOverRestartsTheNewestFirst() throws IOException {
		append(3);
		reopen();
		log.append("eve", "rest ::1", "machine.stop", "a \"name\"\nin two lines\u2028", "denied");

		AuditEntry newest = log.newest(1).get(0);
		assertEquals("4 eve rest ::1 machine.stop denied", "%d %s %s %s %s".formatted(newest.number(),
				newest.principal(), newest.origin(), newest.action(), newest.outcome()));
		assertEquals("a \"name\"\nin two lines\u2028", newest.object());
		assertEquals(List.of(4L, 3L, 2L, 1L), log.newest(10).stream().map(AuditEntry::number).toList());
		assertEquals(new AuditLog.Verdict(4, ""), log.verify());
		assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
	}

	@Test
	void isEmptyAtFirst() throws IOException {
		assertEquals(List.of(), log.newest(10));
		assertTrue(log.verify().sound());
	}

	@Test
	void noticesAnEntryThatWasChanged() throws IOException {
		append(5);
		spoil(lines -> lines.set(2, lines.get(2).replace("object 3", "object 4")));
		assertEquals(new AuditLog.Verdict(2, "entry 3 was changed, or the one before it left out"), log.verify());
	}

	@Test
	void noticesAnEntryThatWasLeftOut() throws IOException {
		append(5);
		spoil(lines -> lines.remove(2));
		assertEquals(new AuditLog.Verdict(2, "entry 4 was changed, or the one before it left out"), log.verify());
	}

	@Test
	void noticesThatTheFirstEntriesWereCutOff() throws IOException {
		append(5);
		spoil(lines -> lines.remove(0));
		assertEquals(0, log.verify().entries());
	}

	@Test
	void noticesALineThatIsNoEntry() throws IOException {
		append(2);
		spoil(lines -> lines.set(0, "{}"));
		assertEquals(new AuditLog.Verdict(0, "line 1 is not an entry"), log.verify());
	}

	@Test
	void cutsATornLastLineAndSaysSo() throws IOException {
		append(2);
		log.close();
		String text = Files.readString(file());
		Files.writeString(file(), text + "{\"number\":3,\"ti");
		reopen();

		assertEquals(new AuditLog.Verdict(3, ""), log.verify());
		assertEquals("audit.repair", log.newest(1).get(0).action());
		assertTrue(Files.readString(file()).startsWith(text));
	}

	@Test
	void keepsAsideALogWhoseLastLineIsNoEntry() throws IOException {
		append(2);
		log.close();
		Files.writeString(file(), Files.readString(file()) + "nonsense\n");
		reopen();
		append(1);

		assertEquals(new AuditLog.Verdict(2, ""), log.verify());
		assertEquals("audit.begin", log.newest(9).get(1).action());
		assertTrue(Files.exists(directory.resolve("audit.log.broken")));
	}

	@Test
	void shortensLongTexts() throws IOException {
		log.append("x".repeat(1 << 20), "", "", "", "");
		assertTrue(Files.size(file()) < 3000);
		assertTrue(log.verify().sound());
	}

	@Test
	void isSoundHoweverManyWriteAtOnce() throws Exception {
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++)
			threads.add(new Thread(() -> {
				try {
					append(25);
				} catch (IOException e) {
					throw new AssertionError(e);
				}
			}));
		threads.forEach(Thread::start);
		for (Thread thread : threads)
			thread.join();

		assertEquals(new AuditLog.Verdict(100, ""), log.verify());
	}

	@Test
	void verifyingItWhileItGrowsIsFine() throws Exception {
		append(50);
		Thread writer = new Thread(() -> {
			try {
				append(100);
			} catch (IOException e) {
				throw new AssertionError(e);
			}
		});
		writer.start();
		while (writer.isAlive())
			assertTrue(log.verify().sound());
		assertFalse(log.newest(200).size() != 150);
	}

	private Path file() {
		return directory.resolve("audit.log");
	}

	private void append(int count) throws IOException {
		for (int i = 1; i <= count; i++)
			log.append("admin", "test", "machine.start", "object " + i, "ok");
	}

	private interface Spoil {
		void in(List<String> lines);
	}

	private void spoil(Spoil how) throws IOException {
		List<String> lines = new ArrayList<>(Files.readAllLines(file()));
		how.in(lines);
		Files.write(file(), lines);
		reopen();
	}

	private void reopen() throws IOException {
		log.close();
		log = new AuditLog(home);
	}
}
