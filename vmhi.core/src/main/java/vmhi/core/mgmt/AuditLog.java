package vmhi.core.mgmt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static vmhi.api.machine.MachineException.Kind.HOST;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.AuditEntry;
import vmhi.core.spec.Json;
import vmhi.core.state.Durable;
import vmhi.core.state.Home;
import vmhi.core.state.Journal;

/**
 * Who changed what: {@code audit.log} in the home directory, a line of JSON for each change, on disk when
 * {@link #append} returns.
 * <p>
 * The last field of a line, {@code hash}, is the SHA-256 of the hash before it (64 zeros for the first), a line break,
 * and the line without that field. An entry that was changed, left out or put in breaks the chain. One that was cut off
 * at the end doesn't: who wants to notice that keeps the newest hash elsewhere. For any thread.
 */
@Component(service = AuditLog.class)
public final class AuditLog {

	/**
	 * What {@link #verify} found.
	 *
	 * @param entries that are sound, from the first on
	 * @param problem what is wrong with the one behind them; {@code ""} if there is none
	 */
	public record Verdict(long entries, String problem) {

		/** Whether the whole log is as it was written. */
		public boolean sound() {
			return problem.isEmpty();
		}
	}

	private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
	private static final String FIRST = "0".repeat(Sha256.DIGITS); // in place of the hash before the first
	private static final String HASH = ",\"hash\":\"";
	private static final String END = "\"}";
	private static final int MOST_CHARS = 1000; // of a field
	private static final int MOST_ENTRIES = 10_000; // handed out at once
	private static final int DEPTH = 1;

	private final Journal journal;
	private long number; // of the newest entry; guarded by this
	private String hash; // of the newest entry; guarded by this
	private IOException failure; // of the newest attempt to append, if it failed; guarded by this

	/** The audit log of a home. */
	@Activate
	public AuditLog(@Reference Home home) throws IOException {
		Path file = home.path().resolve("audit.log");
		Journal opened = new Journal(file);
		List<String> newest = opened.newest(1);
		Optional<AuditEntry> last = newest.isEmpty() ? Optional.empty() : entry(newest.get(0));
		if (!newest.isEmpty() && last.isEmpty()) {
			opened.close();
			Path aside = Durable.putAside(file);
			LOG.error("the last line of {} is not an entry; the log is kept as {}, and a new one begun", file, aside);
			opened = new Journal(file);
			newest = List.of(aside.toString());
		}
		journal = opened;
		number = last.map(AuditEntry::number).orElse(0L);
		hash = last.map(AuditEntry::hash).orElse(FIRST);
		if (journal.cut() > 0) {
			LOG.warn("a torn last line of {} bytes was cut off {}", journal.cut(), file);
			append("host", "start", "audit.repair", "%d bytes of a torn last line".formatted(journal.cut()), "ok");
		} else if (!newest.isEmpty() && last.isEmpty()) {
			append("host", "start", "audit.begin", "the log before is " + newest.get(0), "ok");
		}
	}

	/** Gives up the file. */
	@Deactivate
	public synchronized void close() throws IOException {
		journal.close();
	}

	/**
	 * Adds an entry; it is lasting when this returns. Long texts are shortened.
	 *
	 * @throws IOException if that failed; there is no entry then
	 */
	public synchronized void append(String principal, String origin, String action, String object, String outcome)
			throws IOException {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("number", number + 1);
		fields.put("time", Instant.now().toString());
		fields.put("principal", bounded(principal));
		fields.put("origin", bounded(origin));
		fields.put("action", bounded(action));
		fields.put("object", bounded(object));
		fields.put("outcome", bounded(outcome));
		String line = Json.line(fields);
		String next = chained(hash, line);
		try {
			journal.append(line.substring(0, line.length() - 1) + HASH + next + END);
			journal.sync();
		} catch (IOException e) {
			failure = e;
			throw e;
		}
		failure = null;
		number++;
		hash = next;
	}

	/**
	 * Has nothing changed that could not be written down.
	 *
	 * @throws MachineException of kind {@code HOST} if the log could not be written, and still cannot
	 */
	public synchronized void requireWritable() throws MachineException {
		if (failure == null)
			return;
		try {
			append("host", "audit", "audit.resume", "entries may be missing before this one: " + failure, "ok");
		} catch (IOException e) {
			throw new MachineException(HOST, "%s cannot be written, so nothing is changed: %s"
					.formatted(journal.path(), e.getMessage()), e);
		}
	}

	/** The newest entries, at most {@code most} of them, the newest first. */
	public List<AuditEntry> newest(int most) {
		List<AuditEntry> entries = new ArrayList<>();
		try {
			for (String line : journal.newest(Math.min(most, MOST_ENTRIES)))
				entry(line).ifPresent(entries::add);
		} catch (IOException e) {
			LOG.error("{} cannot be read: {}", journal.path(), e.toString());
		}
		return entries;
	}

	/** Goes through the whole log and follows the chain. */
	public Verdict verify() throws IOException {
		Chain chain = new Chain();
		journal.forEach(chain::follow);
		return new Verdict(chain.entries, chain.problem);
	}

	private static final class Chain {
		long entries;
		String before = FIRST;
		String problem = "";

		void follow(String line) {
			if (!problem.isEmpty())
				return;
			int body = line.length() - HASH.length() - Sha256.DIGITS - END.length();
			Optional<AuditEntry> entry = entry(line);
			if (entry.isEmpty() || body < 0 || !line.startsWith(HASH, body))
				problem = "line %d is not an entry".formatted(entries + 1);
			else if (!chained(before, line.substring(0, body) + "}").equals(entry.get().hash()))
				problem = "entry %d was changed, or the one before it left out".formatted(entry.get().number());
			else if (entry.get().number() != entries + 1)
				problem = "entry %d stands where %d should".formatted(entry.get().number(), entries + 1);
			else
				entries++;
			before = entry.map(AuditEntry::hash).orElse("");
		}
	}

	private static String chained(String before, String line) {
		return Sha256.hexOf((before + "\n" + line).getBytes(UTF_8));
	}

	private static String bounded(String text) {
		return text.length() > MOST_CHARS ? text.substring(0, MOST_CHARS) + "..." : text;
	}

	private static Optional<AuditEntry> entry(String line) {
		try {
			if (!(Json.read(line, "entry", DEPTH) instanceof Map<?, ?> fields)
					|| !(fields.get("number") instanceof Long number))
				return Optional.empty();
			return Optional.of(new AuditEntry(number, Instant.parse(text(fields, "time")), text(fields, "principal"),
					text(fields, "origin"), text(fields, "action"), text(fields, "object"), text(fields, "outcome"),
					text(fields, "hash")));
		} catch (MachineException | DateTimeException | IllegalArgumentException e) {
			return Optional.empty();
		}
	}

	private static String text(Map<?, ?> fields, String key) {
		if (fields.get(key) instanceof String text)
			return text;
		throw new IllegalArgumentException(key);
	}
}
