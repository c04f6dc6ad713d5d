package vmhi.tck.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.device.DeviceException.Kind.SETTINGS;
import static vmhi.api.device.DeviceException.Kind.STATE;
import static vmhi.api.device.DeviceException.Kind.TAKEN;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import com.sun.management.ThreadMXBean;

import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.device.DeviceState;
import vmhi.api.device.Stateful;
import vmhi.tck.Contract;

/**
 * What every {@link Device} does. The test class of a device implements this interface and says how to make one; JUnit
 * then runs these tests along with the device's own. What is asked of a {@link Stateful} device is skipped for others.
 */
@Contract(value = "vmhi.api.device", version = DeviceKind.CONTRACT)
public interface DeviceContract {

	/** The factory under test. */
	DeviceFactory factory();

	/** The kind it is registered under. */
	String kind();

	/** Settings for the device: as many of those that it knows as go together. */
	default Map<String, Object> settings() {
		return Map.of();
	}

	/** Puts on the board what the device needs to find there: drives, what other devices offer. */
	default void furnish(TestBoard board) {}

	/** A device on a board of its own. */
	final class Setup implements AutoCloseable {
		/** Where it is. */
		public final TestBoard board = new TestBoard();
		/** What is tested. */
		public final Device device;

		private Setup(DeviceContract contract) throws DeviceException {
			contract.furnish(board);
			device = contract.make();
		}

		/** The state of the device, taken when its worker and drives have nothing to do. */
		public DeviceState save() throws DeviceException {
			board.run();
			return ((Stateful) device).save();
		}

		@Override
		public void close() {
			device.close();
		}
	}

	/** Makes a device that is on no board yet. */
	default Device make() throws DeviceException {
		return factory().create(new MapSettings("test-device", settings()));
	}

	/** Makes a device and attaches it. */
	default Setup attached() throws DeviceException {
		Setup setup = new Setup(this);
		setup.device.attach(setup.board);
		return setup;
	}

	@Test
	default void everySettingThatIsGivenIsRead() throws Exception {
		MapSettings settings = new MapSettings("test-device", settings());

		factory().create(settings).close();

		assertEquals(List.of(), settings.unread());
	}

	@Test
	default void settingOfTheWrongTypeIsRefused() {
		for (String key : settings().keySet()) {
			Map<String, Object> wrong = new HashMap<>(settings());
			wrong.put(key, List.of(1L));

			DeviceException refusal = assertThrows(DeviceException.class,
					() -> factory().create(new MapSettings("test-device", wrong)), key);
			assertEquals(SETTINGS, refusal.kind());
			assertTrue(refusal.getMessage().contains(key), refusal.getMessage());
		}
	}

	@Test
	default void anyAccessToAnyRegisterGetsAnAnswer() throws Exception {
		for (int seed = 0; seed < 20; seed++) {
			Fuzz guest = new Fuzz(seed);
			try (Setup setup = attached()) {
				for (int step = 0; step < 2_000; step++)
					guest.step(setup.board);
			}
		}
	}

	@Test
	default void accessToARegisterAllocatesNothing() throws Exception {
		int count = 5_000;
		int rounds = 12;
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM does not count what a thread allocates");
		try (Setup setup = attached()) {
			assumeTrue(!setup.board.claims().isEmpty(), "has no registers");
			Fuzz.Access[] accesses = accesses(setup.board, count);
			TestVcpu vcpu = new TestVcpu(0);
			long least = Long.MAX_VALUE;
			for (int round = 0; round < rounds; round++) {
				long before = threads.getCurrentThreadAllocatedBytes();
				for (int i = 0; i < count; i++)
					accesses[i].make(setup.board, vcpu);
				least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
				setup.board.run();
			}
			// the least of several rounds: what happens once, or grows a test's own buffer, does not count
			assertTrue(least < count / 10, least + " bytes for " + count + " accesses");
		}
	}

	private static Fuzz.Access[] accesses(TestBoard board, int count) {
		Fuzz guest = new Fuzz(3);
		List<TestBoard.Range> claims = board.claims();
		Fuzz.Access[] accesses = new Fuzz.Access[count];
		for (int i = 0; i < count; i++)
			accesses[i] = guest.access(claims.get(i % claims.size()));
		return accesses;
	}

	@Test
	default void severalVcpusTheWorkerAndTheClockMayMeet() throws Exception {
		try (Setup setup = attached()) {
			TestBoard board = setup.board;
			ExecutorService threads = Executors.newFixedThreadPool(3);
			List<Future<?>> all = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				Fuzz guest = new Fuzz(100 + i);
				all.add(threads.submit(() -> {
					for (int step = 0; step < 10_000; step++)
						guest.access(board);
				}));
			}
			all.add(threads.submit(() -> {
				Fuzz world = new Fuzz(200);
				for (int step = 0; step < 5_000; step++)
					world.step(board);
			}));
			threads.shutdown();
			for (Future<?> each : all)
				each.get(60, TimeUnit.SECONDS);
		}
	}

	@Test
	default void resetBringsBackTheStateAfterPowerOn() throws Exception {
		assumeStateful();
		try (Setup fresh = attached(); Setup used = attached()) {
			String powerOn = States.text(fresh.save());
			for (int seed = 0; seed < 10; seed++) {
				Fuzz guest = new Fuzz(seed);
				for (int step = 0; step < 300; step++)
					guest.step(used.board);
				used.board.run();
				used.board.consoles().forEach(console -> {
					console.room(Integer.MAX_VALUE);
					console.untype();
				});

				used.device.reset();

				assertEquals(powerOn, States.text(used.save()));
				assertEquals(fresh.board.linesAsserted(), used.board.linesAsserted());
			}
		}
	}

	@Test
	default void anotherDeviceTakesOverWithTheState() throws Exception {
		assumeStateful();
		for (int seed = 0; seed < 20; seed++) {
			try (Setup old = attached(); Setup next = new Setup(this)) {
				Fuzz before = new Fuzz(seed);
				for (int step = 0; step < 100 + 20 * seed; step++)
					before.step(old.board);
				DeviceState state = old.save();
				assertEquals(kind(), state.kind());
				assertTrue(States.storable(state.fields()), () -> "cannot be stored: " + state);

				next.board.copyFrom(old.board);
				next.device.attach(next.board);
				((Stateful) next.device).restore(state);

				assertEquals(States.text(state), States.text(next.save()));
				goOnAlike(old.board, next.board, seed);
			}
		}
	}

	private static void goOnAlike(TestBoard old, TestBoard next, int seed) {
		Fuzz onOld = new Fuzz(1000 + seed);
		Fuzz onNext = new Fuzz(1000 + seed);
		for (int step = 0; step < 500; step++) {
			long expected = onOld.step(old);
			long answer = onNext.step(next);
			String where = "seed " + seed + ", step " + step + " after the state went over";
			assertEquals(Long.toHexString(expected), Long.toHexString(answer), where);
			assertEquals(old.linesAsserted(), next.linesAsserted(), where);
		}
		assertArrayEquals(ram(old), ram(next), "RAM, seed " + seed);
	}

	private static byte[] ram(TestBoard board) {
		byte[] ram = new byte[(int) board.memory().size()];
		board.memory().read(0, ByteBuffer.wrap(ram));
		return ram;
	}

	@Test
	default void deviceGoesOnAfterItsStateWasTaken() throws Exception {
		assumeStateful();
		try (Setup one = attached(); Setup other = attached()) {
			Fuzz onOne = new Fuzz(50);
			Fuzz onOther = new Fuzz(50);
			for (int step = 0; step < 1_000; step++) {
				assertEquals(onOne.step(one.board), onOther.step(other.board), "step " + step);
				one.board.run();
				other.board.run();
				if (step % 10 == 0)
					one.save();
			}
		}
	}

	@Test
	default void fieldsThatAreMissingOrNotKnownAreNoMatter() throws Exception {
		assumeStateful();
		try (Setup fresh = attached(); Setup next = attached()) {
			String powerOn = States.text(fresh.save());

			((Stateful) next.device).restore(new DeviceState(kind(), 1, Map.of("of a later version", List.of(1L))));

			assertEquals(powerOn, States.text(next.save()));
		}
	}

	@Test
	default void stateOfAnotherKindIsRefused() throws Exception {
		assumeStateful();
		try (Setup setup = attached()) {
			DeviceException refusal = assertThrows(DeviceException.class,
					() -> ((Stateful) setup.device).restore(new DeviceState("no-such-device", 1, Map.of())));

			assertEquals(STATE, refusal.kind());
		}
	}

	@Test
	default void spoiltStateIsRefusedOrTakenButBreaksNothing() throws Exception {
		assumeStateful();
		Random chance = new Random(9);
		for (int i = 0; i < 200; i++) {
			Fuzz guest = new Fuzz(i);
			DeviceState bad;
			try (Setup setup = attached()) {
				for (int step = 0; step < 200; step++)
					guest.step(setup.board);
				bad = States.spoil(setup.save(), chance);
			}
			try (Setup setup = attached()) {
				((Stateful) setup.device).restore(bad);
				for (int step = 0; step < 200; step++)
					guest.step(setup.board);
			} catch (DeviceException refusal) {
				assertEquals(STATE, refusal.kind(), refusal.getMessage());
			}
		}
	}

	@Test
	default void whatComesLateMeetsAClosedDeviceWithoutHarm() throws Exception {
		for (int seed = 0; seed < 10; seed++) {
			Setup setup = attached();
			Fuzz guest = new Fuzz(seed);
			for (int step = 0; step < 300; step++)
				guest.step(setup.board);

			setup.device.close();

			assertDoesNotThrow(() -> {
				setup.board.run();
				setup.board.clock().advance(TimeUnit.HOURS.toNanos(1));
				setup.board.consoles().forEach(console -> console.type("late"));
				setup.board.drives().forEach(TestDrive::resized);
				setup.board.run();
			});
		}
	}

	@Test
	default void closedDeviceLeavesNoThread() throws Exception {
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		try (Setup setup = attached()) {
			Fuzz guest = new Fuzz(4);
			for (int step = 0; step < 300; step++)
				guest.step(setup.board);
		}
		Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
		left.removeAll(before);
		for (Thread thread : left)
			if (thread.getThreadGroup() == Thread.currentThread().getThreadGroup())
				thread.join(5_000);
		left.removeIf(
				thread -> !thread.isAlive() || thread.getThreadGroup() != Thread.currentThread().getThreadGroup());
		assertEquals(Set.of(), left);
	}

	@Test
	default void deviceWhoseRegistersAreTakenIsNotAttachedAndCanBeClosed() throws Exception {
		List<TestBoard.Range> wanted;
		try (Setup setup = attached()) {
			wanted = setup.board.claims();
		}
		for (TestBoard.Range range : wanted) {
			try (Setup setup = new Setup(this)) {
				if (range.port())
					setup.board.claimPorts((int) range.first(), 1, range.handler());
				else
					setup.board.claimMmio(range.first(), 1, range.handler());

				DeviceException refusal = assertThrows(DeviceException.class, () -> setup.device.attach(setup.board));
				assertEquals(TAKEN, refusal.kind());
			}
		}
	}

	private void assumeStateful() throws DeviceException {
		try (Setup setup = new Setup(this)) {
			assumeTrue(setup.device instanceof Stateful, "is not Stateful: cannot be updated while its machine runs");
		}
	}
}
