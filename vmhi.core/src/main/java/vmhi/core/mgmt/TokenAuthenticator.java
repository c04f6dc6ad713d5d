package vmhi.core.mgmt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.mgmt.Authenticator;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.state.Durable;
import vmhi.core.state.Home;

/**
 * Knows those who hold a token. The first start makes the administrator's, in the file {@code token} of the home
 * directory, which only the user who runs VMHI can read; further ones are described in {@code tokens}. Of each token
 * only the hash is kept in memory. For any thread.
 */
@Component(immediate = true)
public final class TokenAuthenticator implements Authenticator {

	private static final Logger LOG = LoggerFactory.getLogger(TokenAuthenticator.class);
	private static final String SCHEME = "bearer";
	private static final int BYTES = 32;
	private static final int MOST_CHARS = 1024; // of evidence

	private final byte[] admin;
	private final TokenDirectory others;

	/** The tokens of a home. */
	@Activate
	public TokenAuthenticator(@Reference Home home) throws IOException {
		Path file = home.path().resolve("token");
		if (!Files.exists(file)) {
			byte[] random = new byte[BYTES];
			new SecureRandom().nextBytes(random);
			Durable.write(file,
					(Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n").getBytes(US_ASCII));
			LOG.info("the administrator's token is in {}", file);
		}
		TokenDirectory.warnIfOpen(file);
		String token = Files.readString(file).strip();
		if (token.isEmpty())
			throw new IOException(file + " has no token in it; remove it to have one made");
		admin = hash(token);
		others = new TokenDirectory(home.path().resolve("tokens"));
	}

	@Override
	public Optional<Principal> authenticate(String scheme, String evidence, String origin) {
		if (!SCHEME.equals(scheme) || evidence.isEmpty() || evidence.length() > MOST_CHARS)
			return Optional.empty();
		byte[] hash = hash(evidence);
		Optional<Principal> other = others.find(hash, origin); // in any case: time tells nothing of who it is
		return MessageDigest.isEqual(hash, admin) ? Optional.of(new Principal("admin", origin, Set.of(Role.ADMIN)))
				: other;
	}

	private static byte[] hash(String token) {
		return Sha256.of(token.getBytes(UTF_8));
	}
}
