package vmhi.core.mgmt;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash function, which every Java has. */
final class Sha256 {

	/** Digits of a hash in hexadecimal. */
	static final int DIGITS = 64;

	private Sha256() {}

	static byte[] of(byte[] bytes) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(bytes);
		} catch (NoSuchAlgorithmException e) {
			throw new IllegalStateException(e);
		}
	}

	static String hexOf(byte[] bytes) {
		return HexFormat.of().formatHex(of(bytes));
	}
}
