package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.Processor;
import vmhi.api.cpu.RunEnd;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceFactory;
import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Principal;
import vmhi.api.mgmt.Role;
import vmhi.core.Eventually;
import vmhi.core.event.EventLog;
import vmhi.core.event.JobList;
import vmhi.core.plugin.Plugin;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.Pools;
import vmhi.core.state.Home;
import vmhi.core.state.Store;
import vmhi.core.vdisk.Images;
import vmhi.core.vdisk.TestImages;

@Timeout(90)
class VirtualMachineTest {
	private static final Principal ME = new Principal("me", "test", Set.of(Role.ADMIN));
	private static final long MILLIS = 30_000;

	@TempDir
	private Path folder;
	private Home home;
	private EventLog events;
	private JobList jobs;
	private Images images;
	private MachineRegistry registry;
	private final PluginServices plugins = new PluginServices();
	private final ScriptedBackend.Program program = new ScriptedBackend.Program();
	private final ScriptedBackend backend = new ScriptedBackend(program);
	private final ScriptedDevices devices = new ScriptedDevices();
	private Plugin<CpuBackend> cpuPlugin;
	private Plugin<DeviceFactory> devicePlugin;
	private VirtualMachine machine;

	@BeforeEach
	void openHost() throws Exception {
		home = new Home(folder.resolve("home"));
		events = new EventLog(home, 10_000);
		jobs = new JobList(home, events, 100);
		images = TestImages.of(plugins);
		Files.write(folder.resolve("kernel"), new byte[] { (byte) 0xf4 });
		Files.write(folder.resolve("disk"), new byte[4096]);
		Pools.add(plugins.formats(), "disk:raw", "1.0.0", TestImages.raw());
		cpuPlugin = Pools.add(plugins.cpus(), "cpu:scripted", "1.0.0", backend);
		devicePlugin = Pools.add(plugins.devices(), "device:scripted", "1.0.0", devices);
		registry = new MachineRegistry(plugins, images, events, jobs, new Store(home), config());
	}

	@AfterEach
	void closeHost() throws Exception {
		registry.stop();
		TestImages.stop(images);
		jobs.close();
		events.close();
		home.close();
	}

	private static MachineRegistry.Config config() {
		return new MachineRegistry.Config() {
			@Override
			public int callDeadline() {
				return 100;
			}

			@Override
			public int patience() {
				return 1;
			}

			@Override
			public Class<? extends Annotation> annotationType() {
				return MachineRegistry.Config.class;
			}
		};
	}

	private MachineSpec spec(int vcpus, OnReset onReset) {
		return new MachineSpec("m", Map.of(), new MachineSpec.Cpu("scripted", "host", vcpus), 4 << 20,
				new MachineSpec.Boot(MachineSpec.Protocol.FLAT, folder.resolve("kernel").toString(), "", "", 1 << 20),
				List.of(new MachineSpec.Disk("d", folder.resolve("disk").toString(), "raw", false)),
				List.of(new MachineSpec.Device("scripted", "dev", Map.of())), new MachineSpec.Hypercalls(true, 0xe4),
				Map.of(), onReset, false);
	}

	private void define(int vcpus, OnReset onReset) throws Exception {
		machine = registry.define(spec(vcpus, onReset), ME);
	}

	private void start() throws Exception {
		define(1, OnReset.STOP);
		machine.start(ME).join(MILLIS);
	}

	private void awaitState(MachineState state) throws Exception {
		Eventually.until("state " + state, () -> machine.snapshot().state() == state);
	}

	/** Has the guest execute something, and gives what it gives. */
	private long guest(ScriptedBackend.Step step, AtomicLong result) throws Exception {
		CompletableFuture<Long> done = new CompletableFuture<>();
		program.add((vcpu, host) -> {
			RunEnd end = step.run(vcpu, host);
			done.complete(result.get());
			return end;
		});
		return done.get(30, TimeUnit.SECONDS);
	}

	private long readPort() throws Exception {
		AtomicLong result = new AtomicLong();
		return guest((vcpu, host) -> {
			result.set(host.readPort(vcpu, ScriptedDevices.PORT, 4));
			return null;
		}, result);
	}

	private void writePort(long value) {
		program.add((vcpu, host) -> {
			host.writePort(vcpu, ScriptedDevices.PORT, 4, value);
			return null;
		});
	}

	private void assertDiskFree() throws Exception {
		TestImages.assertFree(folder.resolve("disk"));
	}

	private boolean told(String type) {
		return events.since(0, 10_000).stream().anyMatch(event -> event.type().equals(type));
	}

	@Test
	void startsPausesResumesResetsAndStops() throws Exception {
		start();
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
		assertEquals("scripted", machine.snapshot().backend());
		assertEquals(1, readPort());
		assertEquals(2, readPort());
		assertThrows(MachineException.class, this::assertDiskFreeOrConflict);

		machine.pause(ME).join(MILLIS);
		assertEquals(MachineState.PAUSED, machine.snapshot().state());
		CountDownLatch executed = new CountDownLatch(1);
		program.add((vcpu, host) -> {
			executed.countDown();
			return null;
		});
		assertEquals(1, executed.getCount());
		machine.resume(ME).join(MILLIS);
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
		assertTrue(executed.await(20, TimeUnit.SECONDS));

		machine.reset(ME).join(MILLIS);
		assertEquals(1, readPort(), "the device is as after power-on");
		assertEquals(1, backend.processor().vcpu(0).executed);
		assertTrue(backend.processors.get(0).closed);

		machine.stop(ME).join(MILLIS);
		assertEquals(MachineState.STOPPED, machine.snapshot().state());
		assertTrue(backend.processor().closed);
		assertEquals(0, devices.open.get());
		assertDiskFree();
		machine.start(ME).join(MILLIS);
		assertEquals(1, readPort());
	}

	private void assertDiskFreeOrConflict() throws MachineException {
		try {
			assertDiskFree();
		} catch (Exception e) {
			throw new MachineException(Kind.CONFLICT, e.getMessage());
		}
	}

	@Test
	void whatDoesNotFitItsStateIsAConflict() throws Exception {
		define(1, OnReset.STOP);
		assertEquals(Kind.CONFLICT, assertThrows(MachineException.class, () -> machine.pause(ME)).kind());
		assertEquals(Kind.CONFLICT, assertThrows(MachineException.class, () -> machine.stop(ME)).kind());
		machine.start(ME).join(MILLIS);
		assertEquals(Kind.CONFLICT, assertThrows(MachineException.class, () -> machine.start(ME)).kind());
		assertEquals(Kind.CONFLICT,
				assertThrows(MachineException.class, () -> machine.resume(ME).join(MILLIS)).kind());
		assertEquals(Kind.CONFLICT,
				assertThrows(MachineException.class, () -> machine.shutdown(ME).join(MILLIS)).kind());
		assertEquals(Kind.CONFLICT, assertThrows(MachineException.class, () -> registry.delete("m", ME)).kind());
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
		assertEquals(1, readPort());
	}

	/** What may go wrong at a start. */
	enum Trouble {
		KERNEL, DISK, DEVICE_SETTINGS, DEVICE_THROWS, DEVICE_ATTACH, BACKEND, STATE
	}

	@ParameterizedTest
	@EnumSource(Trouble.class)
	void aStartThatFailsLeavesNothingBehind(Trouble trouble) throws Exception {
		define(1, OnReset.STOP);
		switch (trouble) {
			case KERNEL -> Files.delete(folder.resolve("kernel"));
			case DISK -> Files.move(folder.resolve("disk"), folder.resolve("elsewhere"));
			case DEVICE_SETTINGS -> devices.creating = (board, value) -> {
				throw new DeviceException(DeviceException.Kind.SETTINGS, "devices[0].irq is 77");
			};
			case DEVICE_THROWS -> devices.creating = (board, value) -> {
				throw new IllegalStateException("a mistake");
			};
			case DEVICE_ATTACH -> devices.attaching = (board, value) -> {
				throw new NoClassDefFoundError("a part is missing");
			};
			case BACKEND -> backend.refusal = new CpuException(CpuException.Kind.HOST, "no");
			case STATE -> backend.restoreFails = true;
		}
		Job job = machine.start(ME);
		MachineException e = assertThrows(MachineException.class, () -> job.join(MILLIS));
		assertFalse(e.getMessage().contains("\n"));
		assertEquals(MachineState.DEFINED, machine.snapshot().state());
		assertEquals(0, devices.open.get());
		assertTrue(backend.processors.stream().allMatch(processor -> processor.closed));
		if (trouble == Trouble.DISK)
			Files.move(folder.resolve("elsewhere"), folder.resolve("disk"));
		assertDiskFree();

		Files.write(folder.resolve("kernel"), new byte[] { (byte) 0xf4 });
		devices.creating = devices.attaching = (board, value) -> {};
		backend.refusal = null;
		backend.restoreFails = false;
		machine.start(ME).join(MILLIS);
		assertEquals(1, readPort());
	}

	@Test
	void theStopOvertakesAStartWhoseDeviceHangs() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		devices.creating = (board, value) -> {
			inside.countDown();
			go.await();
		};
		define(1, OnReset.STOP);
		Job start = machine.start(ME);
		inside.await();
		machine.stop(ME).join(MILLIS);
		go.countDown();
		MachineException e = assertThrows(MachineException.class, () -> start.join(MILLIS));
		assertEquals(Kind.CANCELLED, e.kind());
		Eventually.until("all is given back", () -> devices.open.get() == 0);
		assertDiskFree();
		assertEquals("", machine.snapshot().backend());
	}

	@Test
	void theProcessorsOwnClockStandsWithTheMachine() throws Exception {
		start();
		ScriptedBackend.ScriptedProcessor processor = backend.processor();
		processor.nanos = 1000;
		machine.pause(ME).join(MILLIS);
		processor.nanos = 5000;
		machine.resume(ME).join(MILLIS);
		assertEquals(1000, processor.nanos);

		processor.nanos = 2000;
		CountDownLatch standing = new CountDownLatch(1);
		devices.attaching = (board, value) -> {
			processor.nanos = 7000; // it goes on while a device is exchanged
			standing.countDown();
		};
		Pools.add(plugins.devices(), "device:scripted", "2.0.0", devices);
		assertTrue(standing.await(20, TimeUnit.SECONDS));
		Eventually.until("the clock is as it was", () -> processor.nanos == 2000);
	}

	/** Two vCPUs, whose interrupt controllers are on the board. */
	private Plugin<DeviceFactory> startWith(ScriptedControllers controllers) throws Exception {
		Plugin<DeviceFactory> plugin = Pools.add(plugins.devices(), "device:controllers", "1.0.0", controllers);
		MachineSpec plain = spec(2, OnReset.STOP);
		List<MachineSpec.Device> board = List.of(plain.devices().get(0),
				new MachineSpec.Device("controllers", "controllers", Map.of()));
		machine = registry
				.define(new MachineSpec(plain.name(), plain.labels(), plain.cpu(), plain.memory(), plain.boot(),
						plain.disks(), board, plain.hypercalls(), plain.plugins(), plain.onReset(), false), ME);
		machine.start(ME).join(MILLIS);
		return plugin;
	}

	private ScriptedControllers.Controller servesVcpu(int index) {
		return ((ScriptedControllers.Source) backend.processor().vcpu(index).source).of();
	}

	@Test
	void anotherInterruptControllerTakesOverTheVcpusAndWhatOtherDevicesRaise() throws Exception {
		ScriptedControllers controllers = new ScriptedControllers();
		startWith(controllers);
		ScriptedControllers.Controller first = controllers.last();
		devices.last.board.interrupt(5).set(true);
		assertEquals(List.of(0, 1), first.served);
		assertEquals(List.of("5 up"), first.interrupts);

		Pools.add(plugins.devices(), "device:controllers", "2.0.0", controllers);
		Eventually.until("the next one serves", () -> servesVcpu(1) != first);
		Eventually.until("it was told of the line", () -> !controllers.last().interrupts.isEmpty());
		devices.last.board.message(0xfee0_0000L, 7);

		assertSame(controllers.last(), servesVcpu(0));
		assertEquals(1, controllers.last().generation, "it goes on with the state of the first");
		assertEquals(List.of("5 up", "message 7"), controllers.last().interrupts);
		assertEquals(List.of("5 up"), first.interrupts);
	}

	@Test
	void anInterruptControllerThatDoesNotServeTheVcpusIsRefused() throws Exception {
		ScriptedControllers controllers = new ScriptedControllers();
		startWith(controllers);
		ScriptedControllers bad = new ScriptedControllers();
		bad.servingFails = true;
		Pools.add(plugins.devices(), "device:controllers", "2.0.0", bad);
		Eventually.until("the old kind is back", () -> controllers.made.size() == 2);
		Eventually.until("and serves", () -> controllers.last().served.equals(List.of(0, 1)));

		assertEquals(1, controllers.last().generation, "it goes on with the state of the first");
		assertEquals(1, bad.made.size());
		readPort();
	}

	@Test
	void backendAndInterruptControllerMayBeAwayAtOnce() throws Exception {
		ScriptedControllers controllers = new ScriptedControllers();
		Plugin<DeviceFactory> plugin = startWith(controllers);
		Pools.remove(plugins.devices(), plugin);
		devices.last.board.message(0xfee0_0000L, 8);
		Pools.remove(plugins.cpus(), cpuPlugin);
		Pools.add(plugins.cpus(), "cpu:scripted", "1.0.1", backend);
		Pools.add(plugins.devices(), "device:controllers", "1.0.1", controllers);
		Eventually.until("the next one serves", () -> controllers.made.size() == 2
				&& controllers.last().served.equals(List.of(0, 1)));
		Eventually.until("what was raised is there", () -> controllers.last().interrupts.equals(List.of("message 8")));
		readPort();
	}

	@Test
	void theTimeOfAMachineThatStoodGoesToTheNextBackend() throws Exception {
		start();
		backend.processor().nanos = 1000;
		machine.pause(ME).join(MILLIS);
		backend.processor().nanos = 5000;
		Pools.add(plugins.cpus(), "cpu:scripted", "2.0.0", new ScriptedBackend(program) {
			@Override
			public Processor create(CpuSetup setup, CpuHost host) throws CpuException {
				return backend.create(setup, host);
			}
		});
		Eventually.until("there are two", () -> backend.processors.get(0).closed);
		assertEquals(1000, backend.processor().nanos);
		backend.processor().nanos = 9000;
		machine.resume(ME).join(MILLIS);
		assertEquals(1000, backend.processor().nanos);
	}

	@Test
	void aGuestThatIsResetHasTheClockOfItsNewProcessor() throws Exception {
		start();
		backend.processor().nanos = 1000;
		machine.reset(ME).join(MILLIS);
		assertEquals(0, backend.processor().nanos);
		assertEquals(2, backend.processors.size());
	}

	@Test
	void aClockThatFailsDoesNotHoldTheMachine() throws Exception {
		start();
		backend.clockFails = true;
		machine.pause(ME).join(MILLIS);
		backend.processor().nanos = 5000;
		backend.clockFails = false;
		machine.resume(ME).join(MILLIS);
		assertEquals(1, readPort());
		assertEquals(5000, backend.processor().nanos, "what is not known is not set");
	}

	@Test
	void theGuestTurnsItselfOff() throws Exception {
		devices.writing = (board, value) -> board.powerOff((int) value, "the guest is done");
		start();
		writePort(42);
		awaitState(MachineState.STOPPED);
		assertEquals(42, machine.snapshot().status());
		assertEquals("the guest is done", machine.snapshot().reason());
		assertDiskFree();
	}

	@Test
	void aTripleFaultStopsTheMachine() throws Exception {
		start();
		program.add((vcpu, host) -> RunEnd.SHUTDOWN);
		awaitState(MachineState.STOPPED);
		assertTrue(machine.snapshot().reason().contains("triple fault"), machine.snapshot().reason());
	}

	@Test
	void aTripleFaultRestartsTheMachineAndItRunsAgain() throws Exception {
		define(1, OnReset.RESTART);
		machine.start(ME).join(MILLIS);
		for (int i = 0; i < 5; i++) {
			assertEquals(1, readPort());
			program.add((vcpu, host) -> RunEnd.SHUTDOWN);
		}
		assertEquals(1, readPort());
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
	}

	@Test
	void aResetThatFailsEndsTheMachine() throws Exception {
		start();
		devices.resetting = (board, value) -> {
			throw new IllegalStateException("a mistake");
		};
		assertThrows(MachineException.class, () -> machine.reset(ME).join(MILLIS));
		awaitState(MachineState.FAILED);
		assertDiskFree();
	}

	@Test
	void aBackendThatFailsEndsTheMachine() throws Exception {
		start();
		program.add((vcpu, host) -> {
			throw new CpuException(CpuException.Kind.GUEST, "cannot execute that at 0x1234");
		});
		awaitState(MachineState.FAILED);
		assertEquals("cannot execute that at 0x1234", machine.snapshot().reason());
		assertDiskFree();
	}

	@Test
	void anErrorInABackendEndsTheMachineToo() throws Exception {
		start();
		program.add((vcpu, host) -> {
			throw new AssertionError("a mistake");
		});
		awaitState(MachineState.FAILED);
	}

	@Test
	void aHandlerThatHangsLosesItsThreadAndTheVcpuGoesOn() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		devices.writing = (board, value) -> {
			while (go.getCount() > 0)
				try {
					go.await();
				} catch (InterruptedException e) {
					interrupted.countDown();
				}
		};
		start();
		Thread before = backend.processor().vcpu(0).thread;
		writePort(1);
		assertEquals(0xffff_ffffL, readPort(), "the device is off the bus");
		assertEquals(0, interrupted.getCount(), "it was interrupted first");
		Thread after = backend.processor().vcpu(0).thread;
		assertNotSame(before, after);
		assertTrue(told("plugin.hung"));
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
		go.countDown();
		readPort();
		assertSame(after, backend.processor().vcpu(0).thread, "the lost thread does not come back to the vCPU");
		machine.stop(ME).join(MILLIS);
		assertDiskFree();
	}

	@Test
	void aHandlerThatIsInterruptedInTimeKeepsItsThread() throws Exception {
		devices.writing = (board, value) -> new CountDownLatch(1).await();
		start();
		writePort(1);
		assertEquals(1, readPort());
		assertFalse(told("plugin.hung"));
		assertTrue(told("plugin.fault"), "but what it threw is a fault");
	}

	@Test
	void theMachineStopsWhileAHandlerHangs() throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		CountDownLatch inside = new CountDownLatch(1);
		devices.writing = (board, value) -> {
			inside.countDown();
			while (go.getCount() > 0)
				try {
					go.await();
				} catch (InterruptedException e) {
					// does not listen
				}
		};
		start();
		writePort(1);
		inside.await();
		machine.stop(ME).join(MILLIS);
		assertEquals(MachineState.STOPPED, machine.snapshot().state());
		assertDiskFree();
		go.countDown();
	}

	@Test
	void aDeviceIsExchangedWithItsStateWhileTheGuestRuns() throws Exception {
		start();
		for (int i = 1; i <= 3; i++)
			assertEquals(i, readPort());
		Plugin<DeviceFactory> old = devicePlugin;
		for (int i = 0; i < 10; i++) {
			ScriptedDevices next = new ScriptedDevices();
			Plugin<DeviceFactory> plugin = Pools.plugin("device:scripted", i + 2 + ".0.0", next);
			Pools.add(plugins.devices(), plugin);
			assertEquals(1, next.open.get());
			Pools.remove(plugins.devices(), old);
			old = plugin;
			assertEquals(4 + i, readPort());
		}
		assertEquals(0, devices.open.get());
	}

	@Test
	void aNewerDeviceThatRefusesLeavesTheOlderOneWithItsState() throws Exception {
		start();
		readPort();
		ScriptedDevices bad = new ScriptedDevices();
		bad.attaching = (board, value) -> {
			throw new DeviceException(DeviceException.Kind.MISSING, "no such bus");
		};
		Pools.add(plugins.devices(), "device:scripted", "2.0.0", bad);
		assertEquals(2, readPort());
		assertEquals(0, bad.open.get());
		assertTrue(told("plugin.refused"));
	}

	@Test
	void theMachineShowsAsPausedWhileADeviceIsGoneAndGoesOn() throws Exception {
		start();
		readPort();
		Pools.remove(plugins.devices(), devicePlugin);
		assertEquals(0, devices.open.get());
		awaitState(MachineState.PAUSED);
		assertTrue(machine.snapshot().reason().contains("device:scripted"), machine.snapshot().reason());
		Pools.add(plugins.devices(), devicePlugin);
		awaitState(MachineState.RUNNING);
		assertEquals(2, readPort());
	}

	@Test
	void theMachineWaitsForBothABackendAndADevice() throws Exception {
		start();
		Pools.remove(plugins.devices(), devicePlugin);
		Pools.remove(plugins.cpus(), cpuPlugin);
		awaitState(MachineState.PAUSED);
		Pools.add(plugins.cpus(), cpuPlugin);
		assertEquals(MachineState.PAUSED, machine.snapshot().state());
		Pools.add(plugins.devices(), devicePlugin);
		awaitState(MachineState.RUNNING);
		assertEquals(1, readPort());
	}

	@Test
	void theMachineWaitsForADriveAndGoesOn() throws Exception {
		start();
		var formats = plugins.formats();
		var format = formats.all().get(0);
		for (int i = 0; i < 5; i++) {
			Pools.remove(formats, format);
			if (i % 2 == 0) {
				awaitState(MachineState.PAUSED);
				assertTrue(machine.snapshot().reason().contains("drive d"), machine.snapshot().reason());
			}
			Pools.add(formats, format);
			awaitState(MachineState.RUNNING);
			assertEquals(i + 1, readPort());
		}
	}

	@Test
	void whatTheUserPausedStaysPausedWhenThePlugInIsBack() throws Exception {
		start();
		machine.pause(ME).join(MILLIS);
		Pools.remove(plugins.devices(), devicePlugin);
		Pools.add(plugins.devices(), devicePlugin);
		assertEquals(MachineState.PAUSED, machine.snapshot().state());
		CompletableFuture<Long> read = CompletableFuture.supplyAsync(() -> {
			try {
				return readPort();
			} catch (Exception e) {
				throw new IllegalStateException(e);
			}
		});
		assertFalse(read.isDone());
		machine.resume(ME).join(MILLIS);
		assertEquals(1, read.get(30, TimeUnit.SECONDS));
	}

	@Test
	void theVcpusMoveToAnotherVersionOfTheirBackend() throws Exception {
		define(4, OnReset.STOP);
		machine.start(ME).join(MILLIS);
		for (int i = 1; i <= 20; i++)
			assertEquals(i, readPort());
		Plugin<CpuBackend> old = cpuPlugin;
		ScriptedBackend last = backend;
		for (int i = 0; i < 10; i++) {
			ScriptedBackend next = new ScriptedBackend(program);
			Plugin<CpuBackend> plugin = Pools.plugin("cpu:scripted", i + 2 + ".0.0", next);
			if (i % 2 == 0)
				Pools.remove(plugins.cpus(), old);
			Pools.add(plugins.cpus(), plugin);
			if (i % 2 != 0)
				Pools.remove(plugins.cpus(), old);
			assertTrue(last.processor().closed);
			assertEquals(21 + i, readPort());
			old = plugin;
			last = next;
		}
		long executed = 0;
		for (int i = 0; i < 4; i++)
			executed += last.processor().vcpu(i).executed;
		assertEquals(30, executed, "each step once, on whichever vCPU and backend");
		assertEquals(MachineState.RUNNING, machine.snapshot().state());
	}

	/** Where a new backend refuses. */
	enum Refusal {
		CREATE, RESTORE, SAVE
	}

	@ParameterizedTest
	@EnumSource(Refusal.class)
	void aBackendThatRefusesLeavesTheVcpusWhereTheyAre(Refusal refusal) throws Exception {
		start();
		readPort();
		ScriptedBackend bad = new ScriptedBackend(program);
		bad.refusal = refusal == Refusal.CREATE ? new CpuException(CpuException.Kind.HOST, "no") : null;
		bad.restoreFails = refusal == Refusal.RESTORE;
		backend.saveFails = refusal == Refusal.SAVE;
		Pools.add(plugins.cpus(), "cpu:other", "1.0.0", bad);
		assertThrows(MachineException.class, () -> machine.moveTo("other", ME).join(MILLIS));
		assertEquals("scripted", machine.snapshot().backend());
		assertTrue(bad.processors.stream().allMatch(processor -> processor.closed));
		assertEquals(2, readPort());
		devices.last.board.message(0xfee0_0000L, 5);
		assertEquals(List.of("message 5"), backend.processor().interrupts, "and it still gets the interrupts");
	}

	@Test
	void aMachineWhoseBackendIsGoneIsMovedToAnother() throws Exception {
		start();
		readPort();
		Pools.remove(plugins.cpus(), cpuPlugin);
		awaitState(MachineState.PAUSED);
		devices.last.board.message(0xfee0_0000L, 7);
		ScriptedBackend other = new ScriptedBackend(program);
		Pools.add(plugins.cpus(), "cpu:other", "1.0.0", other);
		machine.moveTo("other", ME).join(MILLIS);
		awaitState(MachineState.RUNNING);
		assertEquals(2, readPort());
		assertEquals(List.of("message 7"), other.processor().interrupts, "what was raised meanwhile is not lost");
		assertEquals(List.of(), backend.processor().interrupts);
	}

	@Test
	void aMachineThatWaitsForItsBackendStops() throws Exception {
		start();
		Pools.remove(plugins.cpus(), cpuPlugin);
		awaitState(MachineState.PAUSED);
		machine.stop(ME).join(MILLIS);
		assertEquals(MachineState.STOPPED, machine.snapshot().state());
		assertDiskFree();
	}

	@Test
	void aBackendThatLeavesDuringAStartIsNotUsed() throws Exception {
		ScriptedBackend next = new ScriptedBackend(program);
		devices.attaching = (board, value) -> {
			devices.attaching = (b, v) -> {};
			Pools.remove(plugins.cpus(), cpuPlugin);
			Pools.add(plugins.cpus(), "cpu:scripted", "0.9.0", next);
		};
		start();
		Eventually.until("it has moved", () -> backend.processor().closed);
		assertEquals(1, readPort());
		assertFalse(next.processor().closed);
	}

	@Test
	void aHypercallReachesNobodyAndIsAnswered() throws Exception {
		start();
		AtomicLong result = new AtomicLong();
		assertEquals(-5, guest((vcpu, host) -> {
			vcpu.register(0, 0x7777_0001);
			host.writePort(vcpu, 0xe4, 4, 0x7777_0001);
			result.set(vcpu.register(0));
			return null;
		}, result));
	}

	@Test
	void theHostStopsItsMachinesAndRemembersThem() throws Exception {
		start();
		registry.stop();
		assertEquals(MachineState.STOPPED, machine.snapshot().state());
		assertDiskFree();
		registry = new MachineRegistry(plugins, images, events, jobs, new Store(home), config());
		assertEquals(MachineState.STOPPED, registry.find("m").snapshot().state());
	}

	@Test
	void machinesAreDefinedRedefinedFoundAndDeleted() throws Exception {
		define(1, OnReset.STOP);
		assertSame(machine, registry.find("m"));
		assertSame(machine, registry.find(machine.id()));
		assertEquals(Kind.CONFLICT,
				assertThrows(MachineException.class, () -> registry.define(spec(1, OnReset.STOP), ME)).kind());
		registry.redefine("m", spec(2, OnReset.RESTART), ME);
		assertEquals(2, machine.snapshot().spec().cpu().count());
		registry.delete("m", ME);
		assertEquals(Kind.NOT_FOUND, assertThrows(MachineException.class, () -> registry.find("m")).kind());
		assertEquals(Kind.NOT_FOUND, assertThrows(MachineException.class, () -> machine.start(ME)).kind());
	}
}
