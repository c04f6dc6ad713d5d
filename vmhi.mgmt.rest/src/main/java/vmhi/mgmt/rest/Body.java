package vmhi.mgmt.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import jakarta.servlet.http.HttpServletRequest;

/** The body of a request. None is read further than its limit. */
record Body(HttpServletRequest request) {

	private static final int MOST_JSON = 1 << 20;
	/** Attribute of a request whose body was read to its end. */
	private static final String ALL_READ = Body.class.getName();

	/** JSON as text, of which nothing is known yet but that it is text. */
	String json() throws Problem, IOException {
		String type = request.getContentType() == null ? "" : request.getContentType().toLowerCase(Locale.ROOT);
		if (!type.matches("application/([a-z.-]+\\+)?json\\s*(;.*)?"))
			throw new Problem(Fault.MEDIA_TYPE, "send Content-Type: application/json");
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(MOST_JSON))).toString();
		} catch (CharacterCodingException e) {
			throw new Problem(Fault.INVALID, "the body is not UTF-8");
		}
	}

	/** All of it. */
	byte[] bytes(int most) throws Problem, IOException {
		refuseAbove(most);
		byte[] bytes = request.getInputStream().readNBytes(most + 1);
		if (bytes.length > most)
			throw tooLarge(most);
		request.setAttribute(ALL_READ, true);
		return bytes;
	}

	/** Writes all of it to a file; it is only there for good when the whole of it has come. */
	void store(Path file, long most) throws Problem, IOException {
		refuseAbove(most);
		try (OutputStream out = Files.newOutputStream(file)) {
			InputStream in = request.getInputStream();
			byte[] buffer = new byte[64 * 1024];
			long length = 0;
			for (int n; (n = in.read(buffer)) >= 0; out.write(buffer, 0, n))
				if ((length += n) > most)
					throw tooLarge(most);
			request.setAttribute(ALL_READ, true);
		}
	}

	/** Whether some of it wasn't read. (To ask its stream would have the client send it, after 100-continue.) */
	boolean isLeft() {
		boolean any = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
		return any && request.getAttribute(ALL_READ) == null;
	}

	private void refuseAbove(long most) throws Problem {
		if (request.getContentLengthLong() > most)
			throw tooLarge(most);
	}

	private static Problem tooLarge(long most) {
		return new Problem(Fault.TOO_LARGE, "the body is longer than %d bytes".formatted(most));
	}
}
