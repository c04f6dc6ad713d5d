package vmhi.core.mgmt;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.spec.Json;

/**
 * A directory with a file {@code *.json} for each token:
 * {@code {"name": "ci", "sha256": "...", "roles": ["OPERATOR"]}}. Looked at for each authentication, and read again
 * when a file came, went or changed, so that removing a file shuts its holder out at once. A file that is wrong, or
 * that others could write, lets nobody in.
 */
final class TokenDirectory {

	private static final Logger LOG = LoggerFactory.getLogger(TokenDirectory.class);
	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9@._-]{0,63}");
	private static final int DEPTH = 2;
	private static final long MOST_BYTES = 64 << 10;

	/** What changes when a file does. */
	private record Mark(FileTime changed, long size, Object key) {}

	private record Token(byte[] hash, String name, Set<Role> roles) {}

	private final Path directory;
	private Map<Path, Mark> marks = Map.of(); // guarded by this
	private List<Token> tokens = List.of(); // likewise

	TokenDirectory(Path directory) {
		this.directory = directory;
	}

	/** Who holds the token with this hash. */
	Optional<Principal> find(byte[] hash, String origin) {
		Optional<Principal> found = Optional.empty();
		for (Token token : current())
			if (MessageDigest.isEqual(token.hash, hash)) // all are compared, so time tells nothing
				found = Optional.of(new Principal(token.name, origin, token.roles));
		return found;
	}

	private synchronized List<Token> current() {
		Map<Path, Mark> now = marks();
		if (!now.equals(marks)) {
			List<Token> read = new ArrayList<>();
			now.keySet().forEach(file -> read(file).ifPresent(read::add));
			tokens = read;
			marks = now;
		}
		return tokens;
	}

	private Map<Path, Mark> marks() {
		Map<Path, Mark> found = new TreeMap<>();
		if (!Files.isDirectory(directory))
			return found;
		try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.json")) {
			for (Path file : files)
				mark(file).ifPresent(mark -> found.put(file, mark));
		} catch (IOException | DirectoryIteratorException e) {
			LOG.warn("{}: {}", directory, e.toString());
		}
		return found;
	}

	private static Optional<Mark> mark(Path file) {
		try {
			BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
			return Optional.of(new Mark(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
		} catch (IOException e) {
			return Optional.empty(); // it went meanwhile, or cannot be read
		}
	}

	private static Optional<Token> read(Path file) {
		try {
			if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES)
				throw new IllegalArgumentException("not a small file");
			if (writable(file))
				throw new IllegalArgumentException("users other than its owner can write it");
			return Optional.of(token(Json.read(Files.readString(file), "token", DEPTH)));
		} catch (IOException | MachineException | IllegalArgumentException e) {
			LOG.error("{} lets nobody in: {}", file, e.getMessage());
			return Optional.empty();
		}
	}

	private static Token token(Object json) {
		if (!(json instanceof Map<?, ?> fields) || !fields.keySet().equals(Set.of("name", "sha256", "roles")))
			throw new IllegalArgumentException("not an object with just name, sha256 and roles");
		if (!(fields.get("name") instanceof String name) || !NAME.matcher(name).matches())
			throw new IllegalArgumentException("name is not a text of up to 64 letters, digits, @ . _ -");
		if (!(fields.get("sha256") instanceof String hash) || hash.length() != Sha256.DIGITS)
			throw new IllegalArgumentException("sha256 is not a text of 64 digits");
		if (!(fields.get("roles") instanceof List<?> roles))
			throw new IllegalArgumentException("roles is not a list");
		Set<Role> known = EnumSet.noneOf(Role.class);
		for (Object role : roles)
			known.add(Role.valueOf(String.valueOf(role).toUpperCase(Locale.ROOT)));
		return new Token(HexFormat.of().parseHex(hash), name, known);
	}

	private static boolean writable(Path file) throws IOException {
		return posix(file) && permissions(file, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
	}

	/** Says so if users other than the owner can read a file that only he should. */
	static void warnIfOpen(Path file) throws IOException {
		if (posix(file) && permissions(file, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ))
			LOG.warn("users other than its owner can read {}; chmod 600 closes that", file);
	}

	private static boolean posix(Path file) {
		return file.getFileSystem().supportedFileAttributeViews().contains("posix");
	}

	private static boolean permissions(Path file, PosixFilePermission one, PosixFilePermission other)
			throws IOException {
		Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
		return permissions.contains(one) || permissions.contains(other);
	}
}
