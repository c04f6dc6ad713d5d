package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.CANCELLED;
import static vmhi.api.vdisk.DiskException.Kind.IO;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import vmhi.api.device.Drive;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.Eventually;

/** A plug-in that throws, hangs or lies is contained: the host goes on, and the guest sees a pause and no errors. */
@Timeout(60)
class ContainmentTest {
	private static final int SIZE = 1 << 20;

	@TempDir
	Path folder;

	private Bench bench;
	private final PlainFormat format = new PlainFormat();
	private final Gate gate = new Gate();
	private Path image;
	private GuestDrive drive;
	private Drive view;

	@BeforeEach
	void begin() throws Exception {
		bench = new Bench(folder).add("1.0.0", format);
		image = bench.image("disk.img", SIZE);
		drive = bench.open(image);
		view = Bench.view(drive);
	}

	@AfterEach
	void end() {
		gate.open();
		bench.close();
	}

	@Test
	void requestThatThePluginThrewAtIsTriedAgain() throws Exception {
		AtomicInteger throwing = new AtomicInteger(3);
		format.with((call, offset) -> {
			if (throwing.getAndDecrement() > 0)
				throw new StackOverflowError("deep");
		});
		Asked.write(0, new byte[] { 1 }).of(view).ok();
		assertArrayEquals(new byte[] { 1 }, Asked.bytes(view, 0, 1));
		assertEquals(3, drive.counters().get("faults"));
		Eventually.until("all are told of", () -> bench.owner.count("plugin.fault") == 3);
		assertEquals(0, bench.owner.count("waiting"));
	}

	@Test
	void pluginThatKeepsThrowingIsSuspendedUntilAnotherIsThere() throws Exception {
		Asked.write(0, new byte[] { 1, 2 }).of(view).ok();
		format.with((call, offset) -> {
			if (call.equals("read"))
				throw new NullPointerException("a bug");
		});
		byte[] found = new byte[2];
		Asked read = Asked.read(0, ByteBuffer.wrap(found)).of(view);
		Asked write = Asked.write(2, new byte[] { 3 }).of(view);

		String waiting = bench.owner.first("waiting");
		assertTrue(waiting.contains("test 1.0.0 keeps failing") && waiting.contains("a bug"), waiting);
		assertTrue(bench.owner.first("plugin.suspended").contains("a bug"));
		assertFalse(read.isDone());
		assertFalse(drive.serving().present());
		assertEquals(0, format.disks.get());

		bench.remove(format);
		bench.add("1.0.1", new PlainFormat());
		read.ok();
		write.ok();
		assertArrayEquals(new byte[] { 1, 2 }, found);
		bench.owner.first("back");
		Asked.flush().of(view).ok(); // what it wrote before was saved
		assertEquals(0, drive.counters().get("errors"));
	}

	@Test
	void anotherVersionThatIsThereTakesOver() throws Exception {
		bench.add("0.9.0", new PlainFormat());
		format.with((call, offset) -> {
			if (call.equals("read"))
				throw new NullPointerException("a bug");
		});
		assertArrayEquals(new byte[1], Asked.bytes(view, 0, 1));
		assertEquals("0.9.0", drive.serving().version());
		assertEquals(0, bench.owner.count("waiting"));

		bench.add("0.8.0", new PlainFormat()); // no reason to go back to the one that is suspended
		assertEquals("0.9.0", drive.serving().version());
		format.with((call, offset) -> {
		});
		drive.retry();
		assertEquals("1.0.0", drive.serving().version());
	}

	@Test
	void operatorCanHaveItTriedAgain() throws Exception {
		format.with((call, offset) -> {
			if (call.equals("read"))
				throw new NullPointerException("a bug");
		});
		Asked read = Asked.read(0, ByteBuffer.allocate(1)).of(view);
		bench.owner.first("waiting");
		format.with((call, offset) -> {
		});
		drive.retry();
		read.ok();
		bench.owner.first("back");
	}

	@Test
	void bundleBelowTheOneThatWasSuspendedMayBeTheOneToUpdate() throws Exception {
		PlainFormat raw = new PlainFormat();
		bench.add("raw", "1.0.0", raw);
		bench.add("link", "1.0.0", new LinkFormat());
		Files.write(folder.resolve("base.img"), new byte[] { 4 });
		LinkFormat.write(folder.resolve("top"), 'B', "base.img", "raw");
		GuestDrive linked = bench.open("db", folder.resolve("top"), "link", false, null);
		raw.with((call, offset) -> {
			if (call.equals("read"))
				throw new NullPointerException("a bug");
		});
		byte[] found = new byte[1];
		Asked read = Asked.read(0, ByteBuffer.wrap(found)).of(Bench.view(linked));
		bench.owner.first("waiting");
		bench.add("raw", "1.0.1", new PlainFormat());
		read.ok();
		assertEquals(4, found[0]);
	}

	@Test
	void pluginThatHangsIsInterruptedAndTheRequestIsTriedAgain() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		format.with((call, offset) -> {
			if (call.equals("read") && calls.getAndIncrement() == 0)
				gate.hang();
		});
		assertArrayEquals(new byte[3], Asked.bytes(view, 0, 3));
		assertEquals(1, drive.counters().get("faults"));
		assertEquals(2, calls.get());
	}

	@Test
	void pluginThatHangsAgainAndAgainIsSuspended() throws Exception {
		format.with((call, offset) -> {
			if (call.equals("read"))
				gate.hang();
		});
		Asked stuck = Asked.read(0, ByteBuffer.allocate(1)).of(view);
		assertTrue(bench.owner.first("waiting").contains("test 1.0.0 hangs"));
		assertEquals(2, drive.counters().get("faults"));
		bench.add("2.0.0", new PlainFormat());
		stuck.ok();
	}

	@Test
	void pluginThatIgnoresTheInterruptIsLeftBehind() throws Exception {
		Asked.write(0, new byte[] { 1 }).of(view).ok();
		Asked.flush().of(view).ok();
		format.with((call, offset) -> {
			if (call.equals("write"))
				gate.hangForGood();
		});
		Asked stuck = Asked.write(0, new byte[] { 2 }).of(view);
		Asked behind = Asked.write(0, new byte[] { 3 }).of(view);
		assertTrue(bench.owner.first("waiting").contains("test 1.0.0 does not come back"));
		assertFalse(stuck.isDone());

		bench.add("2.0.0", new PlainFormat());
		stuck.ok();
		behind.ok();
		gate.open(); // and what it does now does not matter to anybody
		Eventually.until("it is back", () -> format.calls.get() == 0);
		assertArrayEquals(new byte[] { 3 }, Asked.bytes(view, 0, 1));
		assertEquals(1, stuck.answers());
		Asked.flush().of(view).ok();
		drive.close();
		assertEquals(3, Files.readAllBytes(image)[0]);
	}

	@Test
	void drivesOfOthersGoOnWhileOneHangs() throws Exception {
		format.with((call, offset) -> gate.hangForGood());
		for (int i = 0; i < 50; i++)
			Asked.read(i, ByteBuffer.allocate(1)).of(view);
		gate.awaitSomebody();
		bench.add("good", "1.0.0", new PlainFormat());
		GuestDrive other = bench.open("db", bench.image("other.img", SIZE), "good", false, null);
		for (int i = 0; i < 100; i++)
			Asked.write(i, new byte[] { 1 }).of(Bench.view(other)).ok();
		bench.owner.first("waiting");
		assertEquals(0, drive.counters().get("errors"));
	}

	@Test
	void bundleThatHangsCanBeRemoved() throws Exception {
		format.with((call, offset) -> gate.hangForGood());
		Asked stuck = Asked.read(0, ByteBuffer.allocate(1)).of(view);
		gate.awaitSomebody();
		bench.remove(format); // returns
		bench.add("1.0.0", new PlainFormat());
		stuck.ok();
	}

	@Test
	void machineWhosePluginHangsCanBeEnded() throws Exception {
		format.with((call, offset) -> gate.hangForGood());
		List<Asked> stuck = new ArrayList<>();
		for (int i = 0; i < 20; i++)
			stuck.add(Asked.write(i % 4, new byte[1]).of(view));
		gate.awaitSomebody();
		long start = System.nanoTime();
		drive.close(Duration.ofMillis(100));
		assertTrue(System.nanoTime() - start < 5_000_000_000L);
		for (Asked request : stuck) {
			assertTrue(request.isDone());
			assertEquals(CANCELLED, request.failure().kind());
		}
		bench.add("good", "1.0.0", new PlainFormat());
		GuestDrive next = bench.open("db", image, "good", false, null); // the image is free
		Asked.write(0, new byte[] { 9 }).of(Bench.view(next)).ok();
		Asked.flush().of(Bench.view(next)).ok();
		gate.open();
		Eventually.until("it is back", () -> format.calls.get() == 0);
		assertArrayEquals(new byte[] { 9 }, Asked.bytes(Bench.view(next), 0, 1));
		for (Asked request : stuck)
			assertEquals(1, request.answers());
	}

	@Test
	void pluginThatHangsWhileItOpensDoesNotHoldUpTheMachinesEnd() throws Exception {
		bench.remove(format);
		Thread arriving = new Thread(() -> bench.add("2.0.0", new PlainFormat()
				.with((call, offset) -> gate.hangForGood())));
		arriving.start();
		gate.awaitSomebody();
		long start = System.nanoTime();
		drive.close(Duration.ZERO);
		assertTrue(System.nanoTime() - start < 1_500_000_000L, "waited for the plug-in");
		arriving.join();
	}

	@Test
	void openingFailsInTimeAndLeavesNothingOpen() throws Exception {
		drive.close();
		PlainFormat bad = new PlainFormat().with((call, offset) -> {
			throw new IllegalArgumentException("a bug");
		});
		bench.add("bad", "1.0.0", bad);
		DiskException e = assertThrows(DiskException.class, () -> bench.open("web", image, "bad", false, null));
		assertEquals(IO, e.kind());
		assertTrue(e.getMessage().contains("test 1.0.0 failed") && e.getMessage().contains("a bug"),
				e.getMessage());

		bad.with((call, offset) -> gate.hangForGood());
		assertThrows(DiskException.class, () -> bench.open("web", image, "bad", false, null));
		bench.open("web", image, "plain", false, null).close();
	}

	@Test
	void shortReadIsAFaultAndNotData() throws Exception {
		bench.add("short", "1.0.0", new PlainFormat() {
			@Override
			public VirtualDisk open(Storage storage) throws DiskException {
				return new ShortDisk(storage.length());
			}
		});
		GuestDrive lying = bench.open("db", bench.image("other.img", SIZE), "short", false, null);
		Asked read = Asked.read(0, ByteBuffer.allocate(10)).of(Bench.view(lying));
		bench.owner.first("waiting");
		assertFalse(read.isDone());
	}

	private record ShortDisk(long size) implements VirtualDisk {

		@Override
		public void read(long offset, ByteBuffer target) {}

		@Override
		public void write(long offset, ByteBuffer source) {}

		@Override
		public void flush() {}

		@Override
		public void close() {}
	}
}
