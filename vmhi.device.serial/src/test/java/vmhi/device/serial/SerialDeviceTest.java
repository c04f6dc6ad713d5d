package vmhi.device.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceState;
import vmhi.api.device.Stateful;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;
import vmhi.tck.device.TestConsole;

/** The chip as a driver sees it. Register names are those of Linux' serial_reg.h. */
class SerialDeviceTest implements DeviceContract {
	private static final int BASE = 0x2f8;
	private static final int IRQ = 3;
	private static final int RX = 0, TX = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7;
	private static final int DLL = 0, DLM = 1;
	private static final int IER_RDI = 1, IER_THRI = 2, IER_RLSI = 4, IER_MSI = 8;
	private static final int LSR_DR = 1, LSR_OE = 2, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_IDLE = 0x60, LSR_FIFOE = 0x80;
	private static final int MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 0x10;
	private static final int NO_INTERRUPT = 1;

	private final TestBoard board = new TestBoard();
	private final TestConsole console = board.console("con");
	private Device device;

	@Override
	public DeviceFactory factory() {
		return new SerialFactory();
	}

	@Override
	public String kind() {
		return "serial";
	}

	@Override
	public Map<String, Object> settings() {
		return Map.of("port", "0x2f8", "irq", IRQ, "console", "con");
	}

	@BeforeEach
	void powerOn() throws DeviceException {
		device = factory().create(new MapSettings("com", settings()));
		device.attach(board);
	}

	@AfterEach
	void powerOff() {
		device.close();
	}

	@Test
	void whatIsWrittenGoesToTheConsole() {
		for (char c : "hello".toCharArray()) {
			assertEquals(LSR_IDLE, in(LSR));
			out(TX, c);
		}
		assertEquals("hello", console.output());
		assertEquals(LSR_IDLE, in(LSR));
	}

	@Test
	void whatIsTypedIsReceived() {
		console.type("ab");

		assertEquals(LSR_IDLE | LSR_DR, in(LSR));
		assertEquals('a', in(RX));
		assertEquals(LSR_IDLE | LSR_DR, in(LSR));
		assertEquals('b', in(RX));
		assertEquals(LSR_IDLE, in(LSR));
		assertEquals(0, in(RX));
	}

	@Test
	void inputWaitsOutsideWhileTheReceiverIsFull() {
		in(LSR);
		console.type("0123456789abcdefghij");
		assertEquals(19, console.available());

		out(FCR, 1); // empties the receiver, as on the chip
		assertEquals(3, console.available());
		StringBuilder received = new StringBuilder();
		while ((in(LSR) & LSR_DR) != 0)
			received.append((char) in(RX));

		assertEquals("123456789abcdefghij", received.toString());
		assertEquals(0, in(LSR) & LSR_OE);
	}

	@Test
	void inputThatIsThereBeforeTheGuestWaitsForIt() {
		console.type("ab");
		assertEquals(2, console.available());

		assertEquals('a', in(RX));
		assertEquals('b', in(RX));
	}

	@Test
	void consoleThatTakesNothingKeepsTheTransmitterBusy() {
		out(FCR, 1);
		out(MCR, MCR_OUT2);
		out(IER, IER_THRI);
		in(IIR);
		console.room(2);

		for (int i = 0; i < 20; i++)
			out(TX, 'a' + i);
		assertEquals("ab", console.output());
		assertEquals(0, in(LSR) & LSR_IDLE);
		assertFalse(board.asserted(IRQ));

		console.room(10);
		assertEquals(0, in(LSR) & LSR_IDLE);
		console.room(Integer.MAX_VALUE);
		assertEquals("abcdefghijklmnopqr", console.output(), "16 wait, what is written beyond is lost");
		assertEquals(LSR_IDLE, in(LSR) & LSR_IDLE);
		assertTrue(board.asserted(IRQ));
		assertEquals(0xc2, in(IIR));
	}

	@Test
	void withoutFifosOneCharacterWaitsToBeSent() {
		console.room(0);
		out(TX, 'a');
		assertEquals(0, in(LSR));
		out(TX, 'b');

		console.room(5);

		assertEquals("b", console.output());
	}

	@Test
	void clearingTheTransmitterDropsWhatWaits() {
		out(FCR, 1);
		console.room(0);
		out(TX, 'a');

		out(FCR, 1 | 4);
		console.room(5);

		assertEquals("", console.output());
		assertEquals(LSR_IDLE, in(LSR));
	}

	@Test
	void transmitterInterruptsWhenItIsTurnedOnAndAfterEachCharacterUntilItIsRead() {
		out(MCR, MCR_OUT2);
		out(IER, IER_THRI);
		assertTrue(board.asserted(IRQ));

		assertEquals(2, in(IIR));
		assertFalse(board.asserted(IRQ));
		assertEquals(NO_INTERRUPT, in(IIR));

		out(TX, 'a');
		assertTrue(board.asserted(IRQ));
		out(IER, 0);
		assertFalse(board.asserted(IRQ));
		out(IER, IER_THRI);
		assertEquals(2, in(IIR));
	}

	@ParameterizedTest(name = "trigger level {1}")
	@CsvSource({ "0x01, 1", "0x41, 4", "0x81, 8", "0xc1, 14" })
	void receiverInterruptsAtItsTriggerLevel(String fcr, int trigger) {
		out(MCR, MCR_OUT2);
		out(FCR, Integer.decode(fcr));
		out(IER, IER_RDI);
		for (int i = 1; i < trigger; i++)
			console.type("x");
		assertFalse(board.asserted(IRQ));

		console.type("x");

		assertTrue(board.asserted(IRQ));
		assertEquals(0xc4, in(IIR));
		in(RX);
		assertFalse(board.asserted(IRQ));
	}

	@Test
	void charactersBelowTheTriggerLevelTimeOutAfterFourCharacterTimes() {
		out(MCR, MCR_OUT2);
		out(LCR, 0x83);
		out(DLL, 1); // 115200 baud, so that ten bits take 86.8 us
		out(DLM, 0);
		out(LCR, 3);
		out(FCR, 0x81);
		out(IER, IER_RDI);
		console.type("ab");

		board.clock().advance(347_000);
		assertFalse(board.asserted(IRQ));
		board.clock().advance(300);
		assertTrue(board.asserted(IRQ));
		assertEquals(0xcc, in(IIR));

		assertEquals('a', in(RX));
		assertFalse(board.asserted(IRQ), "reading a character ends the timeout");
		board.clock().advance(400_000);
		assertEquals(0xcc, in(IIR), "and it starts anew for the next one");
		assertEquals('b', in(RX));
		board.clock().advance(1_000_000_000);
		assertEquals(0xc1, in(IIR));
	}

	@Test
	void characterThatComesStartsTheTimeoutAnew() {
		out(MCR, MCR_OUT2);
		out(FCR, 0x81);
		out(IER, IER_RDI);
		console.type("a");
		board.clock().advance(2_000_000); // 4 characters of 7 bits at 9600 baud take 2.9 ms
		console.type("b");

		board.clock().advance(2_000_000);
		assertFalse(board.asserted(IRQ));
		board.clock().advance(1_000_000);
		assertTrue(board.asserted(IRQ));
	}

	@Test
	void nobodyIsInterruptedBeforeOut2() {
		out(IER, IER_THRI);
		assertEquals(2, in(IIR));
		out(TX, 'x');
		assertFalse(board.asserted(IRQ));

		out(MCR, MCR_OUT2);
		out(TX, 'x');
		assertTrue(board.asserted(IRQ));
		out(MCR, MCR_OUT2 | MCR_LOOP);
		assertFalse(board.asserted(IRQ));
	}

	@Test
	void loopbackTurnsOutputsIntoInputs() {
		out(MCR, MCR_LOOP | MCR_RTS | MCR_OUT2);
		assertEquals(0x90, in(MSR) & 0xf0, "as Linux looks for a port");
		out(MCR, MCR_LOOP | MCR_DTR | MCR_OUT1);
		assertEquals(0x60 | 0x0b, in(MSR), "CTS and DCD went, DSR came; RI tells only of its end");
		out(MCR, MCR_LOOP);
		assertEquals(0x06, in(MSR));
		out(MCR, 0);
		assertEquals(0xbb, in(MSR));
		assertEquals(0xb0, in(MSR));
	}

	@Test
	void changeOfTheModemsLinesInterrupts() {
		out(MCR, MCR_OUT2 | MCR_LOOP);
		in(MSR);
		out(IER, IER_MSI);
		out(MCR, MCR_OUT2);

		assertTrue(board.asserted(IRQ));
		assertEquals(0, in(IIR));
		in(MSR);
		assertFalse(board.asserted(IRQ));
	}

	@Test
	void loopbackReceivesWhatIsSentAndOverrunsBehindSixteen() {
		out(FCR, 7);
		out(MCR, MCR_LOOP);
		console.type("outside");

		for (int i = 0; i < 256; i++)
			out(TX, i);

		assertEquals(LSR_IDLE | LSR_DR | LSR_OE, in(LSR));
		assertEquals(LSR_IDLE | LSR_DR, in(LSR));
		int count = 0;
		for (; (in(LSR) & LSR_DR) != 0; count++)
			assertEquals(count, in(RX));
		assertEquals(16, count, "which is how Linux measures the FIFO");
		assertEquals("", console.output());
		out(MCR, 0);
		assertEquals('o', in(RX));
	}

	@Test
	void withoutFifosTheLaterCharacterOverruns() {
		out(MCR, MCR_LOOP);
		out(TX, 'a');
		out(TX, 'b');

		assertEquals(LSR_IDLE | LSR_DR | LSR_OE, in(LSR));
		assertEquals('b', in(RX));
	}

	@Test
	void breakComesWithItsCharacter() {
		out(FCR, 1);
		out(MCR, MCR_LOOP);
		out(IER, IER_RLSI);
		out(TX, 'a');
		out(LCR, 0x43);

		assertEquals(LSR_IDLE | LSR_DR | LSR_FIFOE, in(LSR), "the break is not yet at the top");
		assertEquals(0xc1, in(IIR));
		assertEquals('a', in(RX));
		assertEquals(0xc6, in(IIR));
		assertEquals(LSR_IDLE | LSR_DR | LSR_BI | LSR_FIFOE, in(LSR));
		assertEquals(LSR_IDLE | LSR_DR, in(LSR));
		assertEquals(0xc1, in(IIR));
		assertEquals(0, in(RX));
	}

	@Test
	void mostUrgentCauseIsToldFirst() {
		out(FCR, 1);
		out(MCR, MCR_LOOP);
		in(MSR);
		out(MCR, MCR_LOOP | MCR_DTR);
		out(IER, 0x0f);
		for (int i = 0; i < 17; i++)
			out(TX, i);

		assertEquals(0xc6, in(IIR));
		in(LSR);
		assertEquals(0xc4, in(IIR));
		while ((in(LSR) & LSR_DR) != 0)
			in(RX);
		assertEquals(0xc2, in(IIR));
		assertEquals(0xc0, in(IIR));
		in(MSR);
		assertEquals(0xc1, in(IIR));
	}

	@Test
	void registersThatALaterChipWouldHaveAreNotThere() {
		out(IER, 0xff);
		assertEquals(0x0f, in(IER));
		out(IER, 0);
		out(MCR, 0xff);
		assertEquals(0x1f, in(MCR));
		out(MCR, 0);
		out(LCR, 0xbf);
		out(FCR, 0);
		out(LCR, 0);
		out(FCR, 1);
		assertEquals(0xc0, in(IIR) & 0xc0, "a 16550A says so in IIR");
		out(FCR, 1 | 0x20);
		assertEquals(0xc1, in(IIR), "and no 16750");
		out(FCR, 0);
		assertEquals(NO_INTERRUPT, in(IIR));
	}

	@Test
	void fifoControlTakesOtherBitsOnlyWithTheFirst() {
		out(FCR, 0xc1);
		out(FCR, 0xc0);
		out(FCR, 1);
		out(MCR, MCR_OUT2);
		out(IER, IER_RDI);
		console.type("x");

		assertTrue(board.asserted(IRQ), "the trigger level is 1");
	}

	@Test
	void scratchAndDivisorKeepWhatIsWritten() {
		out(SCR, 0x5a);
		out(LCR, 0x83);
		out(DLL, 0x34);
		out(DLM, 0x12);
		assertEquals(0x34, in(DLL));
		assertEquals(0x12, in(DLM));
		assertEquals("", console.output());
		assertEquals(0x83, in(LCR));
		out(LCR, 3);
		assertEquals(0, in(IER));
		assertEquals(0x5a, in(SCR));
	}

	@Test
	void widerAccessIsThatOfTheBytes() {
		board.out(BASE + LCR, 2, 0x0b03);
		assertEquals(0x0b03, board.in(BASE + LCR, 2));
		assertEquals(3, in(LCR));
		assertEquals(0x0b, in(MCR));
	}

	@Test
	void resetIsAfterPowerOnAgain() {
		out(FCR, 1);
		out(MCR, MCR_OUT2);
		out(IER, IER_THRI);
		out(SCR, 1);
		assertTrue(board.asserted(IRQ));

		device.reset();

		assertFalse(board.asserted(IRQ));
		assertEquals(0, in(IER));
		assertEquals(0, in(SCR));
		assertEquals(NO_INTERRUPT, in(IIR));
		assertEquals(LSR_IDLE, in(LSR));
	}

	@Test
	void successorTakesOverWhatWaitsInTheFifosAndItsTimeout() throws DeviceException {
		out(FCR, 0x81);
		out(MCR, MCR_OUT2);
		out(IER, IER_RDI);
		console.type("abc");
		console.room(0);
		out(TX, 'z');
		board.clock().advance(2_000_000);
		DeviceState state = ((Stateful) device).save();
		device.close();
		assertFalse(console.inUse());

		TestBoard next = new TestBoard();
		next.console("con").room(0);
		try (Device successor = factory().create(new MapSettings("com", settings()))) {
			successor.attach(next);
			((Stateful) successor).restore(state);

			assertEquals(LSR_DR, next.in(BASE + LSR, 1));
			next.clock().advance(1_000_000);
			assertTrue(next.asserted(IRQ), "one millisecond of the timeout was left");
			for (char c : "abc".toCharArray())
				assertEquals(c, next.in(BASE + RX, 1));
			next.console("con").room(1);
			assertEquals("z", next.console("con").output());
		}
	}

	@Test
	void closedDeviceLeavesInputToItsSuccessor() {
		device.close();
		console.type("x");

		assertEquals(1, console.available());
	}

	private int in(int register) {
		return (int) board.in(BASE + register, 1);
	}

	private void out(int register, int value) {
		board.out(BASE + register, 1, value);
	}
}
