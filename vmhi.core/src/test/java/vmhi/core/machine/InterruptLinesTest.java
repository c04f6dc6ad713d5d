package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.InterruptController;
import vmhi.api.device.InterruptLine;

@Timeout(60)
class InterruptLinesTest {

	/** Keeps what it is told. */
	private static final class Controller implements InterruptController {
		final List<String> told = new ArrayList<>();

		@Override
		public synchronized void line(int gsi, boolean asserted) {
			told.add(gsi + (asserted ? " up" : " down"));
		}

		@Override
		public synchronized void message(long address, int data) {
			told.add("0x%x %d".formatted(address, data));
		}

		@Override
		public ChipState saveChips() {
			throw new UnsupportedOperationException();
		}

		@Override
		public void restoreChips(ChipState state) {
			throw new UnsupportedOperationException();
		}
	}

	private final InterruptLines lines = new InterruptLines();
	private final Controller controller = new Controller();

	@Test
	void aSharedLineIsAssertedWhileAnyOfItsDevicesAssertsIt() {
		lines.controller(controller);
		InterruptLine first = lines.line(9);
		InterruptLine second = lines.line(9);
		first.set(true);
		first.set(true);
		second.set(true);
		first.set(false);
		first.set(false);
		assertEquals(List.of("9 up"), controller.told);
		second.set(false);
		assertEquals(List.of("9 up", "9 down"), controller.told);
	}

	@Test
	void theNextControllerGetsLevelsAndMessagesThatCameMeanwhile() {
		lines.line(5).set(true);
		InterruptLine brief = lines.line(6);
		brief.set(true);
		brief.set(false);
		lines.message(0xfee0_0000L, 1);
		lines.message(0xfee0_0000L, 2);
		lines.controller(controller);
		lines.message(0xfee0_0000L, 3);
		assertEquals(List.of("5 up", "0xfee00000 1", "0xfee00000 2", "0xfee00000 3"), controller.told);
	}

	@Test
	void aLineThatFellMeanwhileFallsForTheNextController() {
		lines.controller(controller);
		InterruptLine line = lines.line(5);
		line.set(true);
		lines.controller(null);
		line.set(false);
		Controller next = new Controller();
		lines.controller(next);
		assertEquals(List.of("5 down"), next.told);
		assertEquals(List.of("5 up"), controller.told);
	}

	@Test
	void noMessageIsLostOrGoesToAControllerThatWasTakenOff() throws Exception {
		int count = 4_000; // no more than are kept
		CountDownLatch begun = new CountDownLatch(1);
		Thread device = new Thread(() -> {
			for (int i = 0; i < count; i++) {
				lines.message(0, i);
				begun.countDown();
			}
		});
		List<Controller> controllers = new ArrayList<>();
		device.start();
		begun.await();
		List<Integer> whenTakenOff = new ArrayList<>();
		while (device.isAlive()) {
			Controller next = new Controller();
			controllers.add(next);
			lines.controller(next);
			lines.controller(null);
			whenTakenOff.add(next.told.size());
		}
		assertEquals(whenTakenOff, controllers.stream().map(one -> one.told.size()).toList());
		Controller last = new Controller();
		lines.controller(last);
		controllers.add(last);
		List<String> all = controllers.stream().flatMap(one -> one.told.stream()).toList();
		List<String> sent = IntStream.range(0, count).mapToObj(i -> "0x0 " + i).toList();
		assertEquals(sent, all);
	}

	@Test
	void aDeviceThatSendsWithoutEndWhileNobodyTakesThemDoesNotFillTheHost() {
		for (int i = 0; i < 100_000; i++)
			lines.message(0, i);
		lines.controller(controller);
		assertEquals(4096, controller.told.size());
	}
}
