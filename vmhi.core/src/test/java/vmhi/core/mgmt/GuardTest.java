package vmhi.core.mgmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.mgmt.AuditEntry;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.state.Home;

class GuardTest {

	@TempDir
	private Path directory;
	private Home home;
	private AuditLog audit;
	private Guard guard;

	@BeforeEach
	void open() throws IOException {
		home = new Home(directory);
		audit = new AuditLog(home);
		guard = new Guard(new Principal("joe", "terminal", Set.of(Role.OPERATOR)), audit);
	}

	@AfterEach
	void close() throws IOException {
		audit.close();
		home.close();
	}

	@Test
	void lettingSomebodyReadIsNotWrittenDown() {
		guard.check(Permission.VIEW, "machine.list", "");
		assertEquals(0, audit.newest(10).size());
	}

	@Test
	void turningSomebodyAwayIsWrittenDown() {
		DeniedException denied = assertThrows(DeniedException.class,
				() -> guard.change(Permission.DEFINE, "machine.delete", "web", () -> {
					throw new AssertionError("it must not be done");
				}));
		assertEquals(Permission.DEFINE, denied.permission());
		assertEquals("joe terminal machine.delete web denied", newest());
	}

	@Test
	void aChangeIsWrittenDown() throws MachineException {
		assertEquals(5, guard.change(Permission.POWER, "machine.start", "web", () -> 5));
		assertEquals("joe terminal machine.start web ok", newest());
	}

	@Test
	void aChangeThatFailsIsWrittenDownWithItsReason() {
		assertThrows(MachineException.class, () -> guard.change(Permission.POWER, "machine.start", "web", () -> {
			throw new MachineException(Kind.CONFLICT, "it runs");
		}));
		assertEquals("joe terminal machine.start web failed: it runs", newest());
	}

	@Test
	void aMistakeOfOursIsWrittenDownAndGoesOn() {
		assertThrows(IllegalStateException.class, () -> guard.change(Permission.POWER, "machine.start", "web", () -> {
			throw new IllegalStateException("oops");
		}));
		assertEquals("joe terminal machine.start web failed: internal error: java.lang.IllegalStateException: oops",
				newest());
	}

	@Test
	void theJobOfAChangeIsWrittenDown() throws MachineException {
		guard.job(Permission.POWER, "machine.start", "web", () -> new Finished("abc"));
		assertEquals("joe terminal machine.start web (job abc) ok", newest());
	}

	@Test
	void nothingIsChangedThatCannotBeWrittenDownButThePowerCanBeCut() throws IOException, MachineException {
		audit.close(); // as good as a disk that is full
		assertEquals(5, guard.change(Permission.POWER, "machine.start", "web", () -> 5), "nobody knew yet");
		MachineException refusal = assertThrows(MachineException.class,
				() -> guard.change(Permission.POWER, "machine.start", "web", () -> {
					throw new AssertionError("it must not be done");
				}));
		assertEquals(Kind.HOST, refusal.kind());
		assertEquals("abc", guard.urgent(Permission.POWER, "machine.stop", "web", () -> new Finished("abc"))
				.snapshot().id());
	}

	private String newest() {
		AuditEntry entry = audit.newest(1).get(0);
		return "%s %s %s %s %s".formatted(entry.principal(), entry.origin(), entry.action(), entry.object(),
				entry.outcome());
	}

	/** A job that is over. */
	private record Finished(String id) implements Job {
		@Override
		public Snapshot snapshot() {
			return new Snapshot(id, "test", "", State.DONE, 1, "", "joe", Instant.EPOCH, Instant.EPOCH);
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
}
