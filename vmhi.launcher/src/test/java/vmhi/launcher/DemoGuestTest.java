package vmhi.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class DemoGuestTest {
	private static final String SUM = "0123456789abcdef".repeat(4);

	private final DemoGuest guest = new DemoGuest();

	@Test
	void sumIsTakenFromItsLine() throws InterruptedException {
		assertNull(guest.awaitSum(0));
		guest.line("demo: sha256 %s of 1048576 bytes".formatted(SUM));
		assertEquals(new DemoGuest.Sum(SUM, 1048576), guest.awaitSum(0));
	}

	@Test
	void lastSignOfLifeIsNoProgress() throws InterruptedException {
		guest.line("demo: turns 1000 chunks 1000 written 0 errors 0");
		assertFalse(guest.awaitProgress(10_000));
	}

	@Test
	void cleanAccountLeavesNothingToComplainOf() {
		guest.line("calls 64000 ok 64000 retried 12 lost 0 other 0");
		guest.line("demo: turns 1000 chunks 1000 written 0 errors 0");
		assertEquals(List.of(), guest.complaints());
		assertEquals(12, guest.number("retried"));
	}

	@Test
	void lossesAndErrorsAreComplainedOf() {
		guest.line("calls 64000 ok 63997 retried 12 lost 2 other 1");
		guest.line("demo: turns 1000 chunks 999 written 0 errors 1");
		assertEquals(
				List.of("the guest accounts for 2 lost", "the guest accounts for 1 other",
						"the guest accounts for 1 errors"),
				guest.complaints());
	}

	@Test
	void missingAccountIsComplainedOf() {
		guest.line("demo: turn 5 calls 3 retried 0 chunks 1 written 0 errors 0");
		assertEquals(List.of("the guest gave no account of what it did"), guest.complaints());
	}

	@Test
	void linesEndAsTheGuestLikes() throws IOException {
		List<String> lines = new ArrayList<>();
		try (LineStream stream = new LineStream(lines::add)) {
			stream.write("a\r\nb\n\nc".getBytes(US_ASCII));
		}
		assertEquals(List.of("a", "b", "", "c"), lines);
	}
}
