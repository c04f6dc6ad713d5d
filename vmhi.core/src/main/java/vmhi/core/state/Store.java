package vmhi.core.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineState;
import vmhi.core.spec.Json;
import vmhi.core.spec.JsonSpecs;

/**
 * The machines of this host on disk: {@code machines/ID/machine.json} in the home directory. A machine is there from
 * the moment its file has been renamed into place until its directory has been renamed away.
 * <p>
 * For any thread, but one machine is changed by one thread at a time.
 */
@Component(service = Store.class)
public final class Store {

	private static final Logger LOG = LoggerFactory.getLogger(Store.class);
	private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
	private static final String FILE = "machine.json";
	private static final String DELETED = ".deleted";
	private static final long MOST_BYTES = 16 << 20; // a specification has 1 MiB as text at most
	private static final int DEPTH = 32; // and 16 of depth

	private final Path machines;
	private final List<String> broken = new CopyOnWriteArrayList<>();

	/** The machines in a home. */
	@Activate
	public Store(@Reference Home home) throws IOException {
		machines = home.path().resolve("machines");
		Durable.createDirectories(machines);
	}

	/**
	 * All machines, in no order. What cannot be read is put aside, with {@code .broken} behind its name, and told in
	 * {@link #broken}; what is left of a definition or deletion that was cut short is removed.
	 *
	 * @throws IOException if the directory of machines cannot be read at all
	 */
	public List<Stored> load() throws IOException {
		List<Stored> stored = new ArrayList<>();
		try (DirectoryStream<Path> directories = Files.newDirectoryStream(machines)) {
			for (Path directory : directories)
				load(directory, stored);
		}
		return stored;
	}

	private void load(Path directory, List<Stored> stored) {
		String name = directory.getFileName().toString();
		try {
			if (name.endsWith(DELETED))
				Durable.deleteTree(directory);
			else if (ID.matcher(name).matches())
				loadMachine(directory, name, stored);
			else if (name.contains(".broken"))
				report(directory + " was put aside earlier because it cannot be read");
		} catch (IOException e) {
			report("%s: %s".formatted(directory, e));
		}
	}

	private void loadMachine(Path directory, String id, List<Stored> stored) throws IOException {
		Path file = directory.resolve(FILE);
		if (neverFinished(directory)) {
			Durable.deleteTree(directory);
			return;
		}
		try {
			stored.add(read(Files.size(file) > MOST_BYTES ? "" : Files.readString(file), id));
		} catch (MachineException | DateTimeException | IllegalArgumentException | CharacterCodingException
				| NoSuchFileException e) {
			report("%s cannot be read (%s); it is kept as %s".formatted(file, e.getMessage(),
					Durable.putAside(directory)));
		}
	}

	/** A directory in which nothing is, or nothing but a file that was being written for the first time. */
	private static boolean neverFinished(Path directory) throws IOException {
		if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS))
			return false;
		try (Stream<Path> files = Files.list(directory)) {
			return files.allMatch(file -> file.getFileName().toString().equals(FILE + Durable.UNFINISHED));
		}
	}

	private void report(String what) {
		LOG.error("{}", what);
		broken.add(what);
	}

	/** What {@link #load} could not read, a line each. */
	public List<String> broken() {
		return Collections.unmodifiableList(broken);
	}

	/** Keeps a machine; it is lasting when this returns. If it fails, what was kept of it before still is. */
	public void save(Stored stored) throws IOException {
		Path directory = directory(stored.id());
		Durable.createDirectories(directory);
		Durable.write(directory.resolve(FILE), Json.write(tree(stored)).getBytes(UTF_8));
	}

	/** Forgets a machine; that is lasting when this returns. Forgetting an unknown one does nothing. */
	public void delete(String id) throws IOException {
		Path directory = directory(id);
		if (!Files.exists(directory))
			return;
		Path deleted = machines.resolve(id + DELETED);
		if (Files.exists(deleted))
			Durable.deleteTree(deleted);
		Durable.move(directory, deleted);
		try {
			Durable.deleteTree(deleted);
		} catch (IOException e) {
			LOG.warn("{} is of no use any more, but cannot be removed: {}", deleted, e.toString());
		}
	}

	/** The directory of a machine, for what else belongs to it; deleted with it. It need not exist. */
	public Path directory(String id) {
		if (!ID.matcher(id).matches())
			throw new IllegalArgumentException("not the id of a machine: " + id);
		return machines.resolve(id);
	}

	private static Map<String, Object> tree(Stored stored) {
		Map<String, Object> tree = new LinkedHashMap<>();
		tree.put("id", stored.id());
		tree.put("defined", stored.defined().toString());
		tree.put("state", stored.state().name());
		tree.put("reason", stored.reason());
		tree.put("status", (long) stored.status());
		tree.put("since", stored.since().toString());
		tree.put("spec", JsonSpecs.tree(stored.spec()));
		return tree;
	}

	private static Stored read(String text, String id) throws MachineException {
		if (!(Json.read(text, "machine", DEPTH) instanceof Map<?, ?> tree))
			throw new IllegalArgumentException("not an object");
		if (!id.equals(tree.get("id")))
			throw new IllegalArgumentException("it is of machine " + tree.get("id"));
		return new Stored(id, JsonSpecs.fromTree(tree.get("spec")), Instant.parse(text(tree, "defined")),
				MachineState.valueOf(text(tree, "state")), text(tree, "reason"),
				tree.get("status") instanceof Long status ? status.intValue() : 0, Instant.parse(text(tree, "since")));
	}

	private static String text(Map<?, ?> tree, String key) {
		if (tree.get(key) instanceof String text)
			return text;
		throw new IllegalArgumentException(key + " is missing");
	}
}
