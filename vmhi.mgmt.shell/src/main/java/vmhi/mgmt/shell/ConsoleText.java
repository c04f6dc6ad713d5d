package vmhi.mgmt.shell;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Makes text that a terminal may have of what a guest sends, piece by piece. Belongs to one thread. */
final class ConsoleText {

	private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
			.onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
	/** The first bytes of a character that a piece ended in. */
	private ByteBuffer begun = ByteBuffer.allocate(0);

	String next(ByteBuffer piece) {
		ByteBuffer bytes = ByteBuffer.allocate(begun.remaining() + piece.remaining()).put(begun).put(piece).flip();
		CharBuffer text = CharBuffer.allocate(bytes.remaining());
		decoder.decode(bytes, text, false);
		begun = bytes;
		return Terminal.printable(text.flip().toString());
	}
}
