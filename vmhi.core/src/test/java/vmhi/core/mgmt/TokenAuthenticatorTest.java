package vmhi.core.mgmt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.state.Home;

class TokenAuthenticatorTest {

	@TempDir
	private Path directory;
	private Home home;
	private TokenAuthenticator authenticator;

	@BeforeEach
	void start() throws IOException {
		home = new Home(directory);
		authenticator = new TokenAuthenticator(home);
	}

	@AfterEach
	void stop() throws IOException {
		home.close();
	}

	@Test
	void makesATokenThatOnlyTheOwnerCanRead() throws IOException {
		Path file = directory.resolve("token");
		assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
		assertEquals(32, Base64.getUrlDecoder().decode(token()).length);
	}

	@Test
	void letsTheHolderOfTheTokenInAsAdministrator() throws IOException {
		assertEquals(Optional.of(new Principal("admin", "rest 127.0.0.1", Set.of(Role.ADMIN))),
				authenticator.authenticate("bearer", token(), "rest 127.0.0.1"));
	}

	@Test
	void keepsTheTokenOverRestarts() throws IOException {
		String token = token();
		assertTrue(new TokenAuthenticator(home).authenticate("bearer", token, "").isPresent());
		assertEquals(token, token());
	}

	@Test
	void makesEachHostAnotherToken() throws IOException {
		String token = token();
		Files.delete(directory.resolve("token"));
		TokenAuthenticator next = new TokenAuthenticator(home);

		assertNotEquals(token, token());
		assertEquals(Optional.empty(), next.authenticate("bearer", token, ""));
	}

	@Test
	void knowsNobodyElse() throws IOException {
		String token = token();
		for (String evidence : new String[] { "", token.substring(1), token + "x", token + "\n", token.toUpperCase(),
				"x".repeat(10_000_000) })
			assertEquals(Optional.empty(), authenticator.authenticate("bearer", evidence, ""));
		assertEquals(Optional.empty(), authenticator.authenticate("basic", token, ""));
	}

	@Test
	void doesNotTakeAnEmptyFileForAToken() throws IOException {
		Files.writeString(directory.resolve("token"), "\n");
		assertThrows(IOException.class, () -> new TokenAuthenticator(home));
	}

	@Test
	void knowsHoldersOfFurtherTokensAsSoonAsTheyAreThereAndNoLonger() throws IOException {
		assertEquals(Optional.empty(), authenticator.authenticate("bearer", "secret", "x"));
		Path file = write("ci.json", "{\"name\": \"ci\", \"sha256\": \"%s\", \"roles\": [\"operator\", \"VIEWER\"]}"
				.formatted(hash("secret")));
		assertEquals(Optional.of(new Principal("ci", "x", Set.of(Role.OPERATOR, Role.VIEWER))),
				authenticator.authenticate("bearer", "secret", "x"));

		Files.writeString(file, "{\"name\": \"ci\", \"sha256\": \"%s\", \"roles\": []}".formatted(hash("other")));
		Files.setLastModifiedTime(file, FileTime.fromMillis(1));
		assertEquals(Optional.empty(), authenticator.authenticate("bearer", "secret", "x"));
		assertEquals(Optional.of(new Principal("ci", "x", Set.of())),
				authenticator.authenticate("bearer", "other", "x"));

		Files.delete(file);
		assertEquals(Optional.empty(), authenticator.authenticate("bearer", "other", "x"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{}", "[]", "{\"name\": \"ci\", \"sha256\": \"HASH\"}",
			"{\"name\": \"a b\", \"sha256\": \"HASH\", \"roles\": [\"ADMIN\"]}",
			"{\"name\": \"ci\", \"sha256\": \"HASH\", \"roles\": [\"GOD\"]}",
			"{\"name\": \"ci\", \"sha256\": \"HASH\", \"roles\": \"ADMIN\"}",
			"{\"name\": \"ci\", \"sha256\": \"secret\", \"roles\": [\"ADMIN\"]}",
			"{\"name\": \"ci\", \"sha256\": \"HASH\", \"roles\": [\"ADMIN\"], \"more\": 1}" })
	void aWrongFileLetsNobodyIn(String text) throws IOException {
		write("good.json", "{\"name\": \"good\", \"sha256\": \"%s\", \"roles\": []}".formatted(hash("fine")));
		write("bad.json", text.replace("HASH", hash("secret")));

		assertEquals(Optional.empty(), authenticator.authenticate("bearer", "secret", ""));
		assertTrue(authenticator.authenticate("bearer", "fine", "").isPresent(), "and keeps nobody out");
	}

	@Test
	void aFileThatOthersCanWriteLetsNobodyIn() throws IOException {
		Path file = write("ci.json",
				"{\"name\": \"ci\", \"sha256\": \"%s\", \"roles\": [\"ADMIN\"]}".formatted(hash("secret")));
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

		assertEquals(Optional.empty(), authenticator.authenticate("bearer", "secret", ""));
	}

	private String token() throws IOException {
		return Files.readString(directory.resolve("token")).strip();
	}

	private Path write(String name, String text) throws IOException {
		Path file = Files.createDirectories(directory.resolve("tokens")).resolve(name);
		Files.writeString(file, text);
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
		return file;
	}

	private static String hash(String token) {
		return Sha256.hexOf(token.getBytes(UTF_8));
	}
}
