package vmhi.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.Status;
import vmhi.api.hypercall.Transferable;

class ConsoleRangeTest {
	private static final int TEXT = 0x1000;

	private final FakeHost host = new FakeHost();

	private static ConsoleRange range(int recordsPerSecond) {
		return new ConsoleRange(new ConsoleRange.Config() {
			@Override
			public int recordsPerSecond() {
				return recordsPerSecond;
			}

			@Override
			public Class<? extends Annotation> annotationType() {
				return ConsoleRange.Config.class;
			}
		});
	}

	private RangeHandler open(int recordsPerSecond) {
		return range(recordsPerSecond).open(host);
	}

	private int put(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		host.memory.write(TEXT, ByteBuffer.wrap(bytes));
		return bytes.length;
	}

	private int log(RangeHandler handler, String text) {
		return handler.call(ConsoleRange.LOG, new FakeCall(host, 2, TEXT, put(text)));
	}

	@Test
	void textGoesToTheConsole() {
		FakeCall call = new FakeCall(host, TEXT, put("hello\n"));
		assertEquals(Status.OK, open(1).call(ConsoleRange.WRITE, call));
		assertEquals("hello\n", host.console.output());
		assertEquals(6, call.values[0]);
	}

	@Test
	void aConsoleThatTakesNoMoreMakesItPartial() {
		host.console.room(4);
		FakeCall call = new FakeCall(host, TEXT, put("hello\n"));
		assertEquals(Status.PARTIAL, open(1).call(ConsoleRange.WRITE, call));
		assertEquals(4, call.values[0]);
		assertEquals("hell", host.console.output());
	}

	@Test
	void lengthsAndAddressesAtTheLimits() {
		RangeHandler handler = open(Integer.MAX_VALUE);
		long[][] rows = {
				{ ConsoleRange.WRITE, 0, 4096, 0, Status.OK }, { ConsoleRange.WRITE, 0, 4097, 0, Status.TOO_BIG },
				{ ConsoleRange.WRITE, 0, -1, 0, Status.TOO_BIG },
				{ ConsoleRange.WRITE, 0, 1L << 32, 0, Status.TOO_BIG },
				{ ConsoleRange.WRITE, FakeHost.RAM - 1, 1, 0, Status.OK },
				{ ConsoleRange.WRITE, FakeHost.RAM - 1, 2, 0, Status.BAD_ADDRESS },
				{ ConsoleRange.WRITE, -1, 2, 0, Status.BAD_ADDRESS }, { ConsoleRange.LOG, 0, 0, 1024, Status.OK },
				{ ConsoleRange.LOG, 4, 0, 1, Status.OK }, { ConsoleRange.LOG, 5, 0, 1, Status.INVALID },
				{ ConsoleRange.LOG, -1, 0, 1, Status.INVALID }, { ConsoleRange.LOG, 1L << 32, 0, 1, Status.INVALID },
				{ ConsoleRange.LOG, 0, 0, 1025, Status.TOO_BIG }, { ConsoleRange.LOG, 0, 0, Long.MIN_VALUE,
						Status.TOO_BIG },
				{ ConsoleRange.LOG, 0, FakeHost.RAM, 1, Status.BAD_ADDRESS }, { 4, 0, 0, 0, Status.NO_FUNCTION } };
		for (long[] row : rows)
			assertEquals(row[4], handler.call((int) row[0], new FakeCall(host, row[1], row[2], row[3])),
					"%d(%d, %d, %d)".formatted(row[0], row[1], row[2], row[3]));
	}

	@Test
	void logTextIsShownWithoutWhatATerminalWouldObey() {
		String bytes = "a\u001b[2J\r\n\u0000é€😀\u202e\u2066\u009b";
		assertEquals(Status.OK, log(open(10), bytes));
		assertEquals("a\\x1b[2J\\x0d\\x0a\\x00é€😀\\x202e\\x2066\\x9b",
				host.reports.get(0).particulars().get("text"));
		assertEquals("info", host.reports.get(0).particulars().get("level"));
	}

	@Test
	void whateverBytesAreLoggedTheTextIsPrintable() {
		RangeHandler handler = open(Integer.MAX_VALUE);
		Random random = new Random(3);
		byte[] bytes = new byte[200];
		for (int i = 0; i < 500; i++) {
			random.nextBytes(bytes);
			host.memory.write(TEXT, ByteBuffer.wrap(bytes));
			assertEquals(Status.OK, handler.call(ConsoleRange.LOG, new FakeCall(host, 1, TEXT, bytes.length)));
		}
		List<Integer> bad = new ArrayList<>();
		host.reports.forEach(report -> report.particulars().get("text").codePoints()
				.filter(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT
						|| c == 0x2028 || c == 0x2029 || Character.getType(c) == Character.SURROGATE)
				.forEach(bad::add));
		assertEquals(List.of(), bad);
	}

	@Test
	void lineSeparatorsDoNotMakeALine() {
		log(open(1), "a\u2028b\u2029c");
		assertEquals("a\\x2028b\\x2029c", host.reports.get(0).particulars().get("text"));
	}

	@Test
	void traceTellsItsNumbersUnsigned() {
		assertEquals(Status.OK, open(1).call(ConsoleRange.TRACE, new FakeCall(host, -1, Long.MIN_VALUE, 16)));
		assertEquals("trace {first=0x8000000000000000, id=18446744073709551615, second=0x10}",
				host.reports.get(0).what() + " " + new java.util.TreeMap<>(host.reports.get(0).particulars()));
	}

	@Test
	void recordsBeyondTheRateAreCountedAndTheCountSurvivesTheBundle() {
		RangeHandler old = open(2);
		for (int i = 0; i < 10; i++)
			assertEquals(Status.OK, log(old, "x"));
		int told = host.reports.size();
		assertTrue(told >= 2 && told < 10, told + " records");
		long before = host.reports.stream()
				.mapToLong(report -> Long.parseLong(report.particulars().getOrDefault("dropped", "0"))).sum();
		byte[] state = ((Transferable) old).exportState();
		old.close();

		RangeHandler next = open(2);
		assertTrue(((Transferable) next).importState(state));
		log(next, "y");
		log(next, "z");
		assertEquals(10 - told - before + "", host.reports.get(told).particulars().get("dropped"));
		assertFalse(host.reports.get(told + 1).particulars().containsKey("dropped"), "told once");
	}

	@Test
	void aStateOfALaterVersionIsReadAndARubbishOneIsNot() {
		Transferable handler = (Transferable) open(1);
		assertTrue(handler.importState(new byte[20]));
		assertFalse(handler.importState(new byte[3]));
	}

	@Test
	void noArgumentMakesItThrow() {
		ConsoleRange range = range(Integer.MAX_VALUE);
		RangeHandler handler = range.open(host);
		Boundaries.tryAll(range.info(), handler, () -> {
			host.reports.clear();
			host.console.clear();
			return host;
		});
	}
}
