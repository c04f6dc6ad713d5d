package vmhi.tck.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DriveRequest;
import vmhi.api.device.GuestClock;
import vmhi.api.device.IoHandler;
import vmhi.api.device.MsrHandler;
import vmhi.api.vdisk.DiskException;

class TestBoardTest {

	private final TestBoard board = new TestBoard();
	private final List<String> seen = new ArrayList<>();

	private final IoHandler recorder = new IoHandler() {
		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			seen.add("read %x %d".formatted(offset, size));
			return -1;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			seen.add("write %x %d %x".formatted(offset, size, value));
		}
	};

	@Test
	void accessGoesToWhoClaimedItAndNowhereElse() throws DeviceException {
		Board.Claim claim = board.claimPorts(0x100, 4, recorder);
		board.claimMmio(0xd000_0000L, 0x1000, recorder);

		assertEquals(0xffff, board.in(0x102, 2));
		assertEquals(0xffff, board.in(0x103, 2), "half of it is not claimed");
		board.out(0x100, 1, 0x1234);
		board.store(0xd000_0ff8L, 8, -1);
		board.store(0x100, 1, 1);
		claim.close();
		claim.close();
		board.out(0x100, 1, 1);

		assertEquals(List.of("read 2 2", "write 0 1 34", "write ff8 8 ffffffffffffffff"), seen);
	}

	@Test
	void whatIsTakenIsRefused() throws DeviceException {
		board.claimPorts(0x100, 4, recorder);
		board.claimMmio(0xd000_0000L, 0x1000, recorder);
		board.offer(String.class, "bus");

		for (Executable claim : List.<Executable>of(
				() -> board.claimPorts(0x103, 4, recorder),
				() -> board.claimPorts(0xfe, 8, recorder),
				() -> board.claimMmio(0xd000_0fffL, 1, recorder),
				() -> board.claimMmio(0, 4096, recorder),
				() -> board.offer(String.class, "other bus")))
			assertEquals(DeviceException.Kind.TAKEN, assertThrows(DeviceException.class, claim).kind());
		board.claimMmio(0x103_0000, 1, recorder);
		assertEquals("bus", board.find(String.class).orElseThrow());
	}

	@Test
	void doorbellRingsOnTheWorkerInsteadOfTheHandler() throws DeviceException {
		board.claimMmio(0xd000_0000L, 0x1000, recorder);
		Board.Claim bell = board.doorbell(false, 0xd000_0010L, 4, () -> seen.add("rung"));

		board.store(0xd000_0010L, 4, 1);
		assertEquals(List.of(), seen);
		board.run();
		board.store(0xd000_0010L, 2, 1);
		bell.close();
		board.store(0xd000_0010L, 4, 1);

		assertEquals(List.of("rung", "write 10 2 1", "write 10 4 1"), seen);
	}

	@Test
	void msrsGoToWhoClaimedThem() {
		board.claimMsrs(new MsrRange(0x40, 2), new MsrHandler() {
			@Override
			public boolean read(VcpuContext vcpu, int index) {
				vcpu.msrValue(index);
				return true;
			}

			@Override
			public boolean write(VcpuContext vcpu, int index, long value) {
				return value == 1;
			}
		});
		TestVcpu vcpu = new TestVcpu(0);

		assertTrue(board.readMsr(vcpu, 0x41));
		assertEquals(0x41, vcpu.msrValue);
		assertTrue(board.writeMsr(vcpu, 0x40, 1));
		assertFalse(board.writeMsr(vcpu, 0x40, 2));
		assertFalse(board.readMsr(vcpu, 0x42));
	}

	@Test
	void alarmsGoOffInOrderWhenTimePasses() {
		GuestClock clock = board.clock();
		GuestClock.Timer late = clock.timer(() -> seen.add("late " + clock.nanos()));
		GuestClock.Timer early = clock.timer(() -> {
			seen.add("early " + clock.nanos());
			late.at(70);
		});
		GuestClock.Timer cleared = clock.timer(() -> seen.add("cleared"));
		late.at(90);
		early.at(50);
		cleared.at(60);
		cleared.cancel();

		board.clock().advance(49);
		assertEquals(List.of(), seen);
		board.clock().advance(51);

		assertEquals(List.of("early 50", "late 70"), seen);
		assertEquals(100, clock.nanos());
	}

	@Test
	void linesCountHowOftenTheyRise() throws DeviceException {
		board.onRise(5, () -> seen.add("rise"));
		board.interrupt(5).set(true);
		board.interrupt(5).set(true);
		assertEquals(List.of(5), board.linesAsserted());
		board.interrupt(5).set(false);
		board.interrupt(5).set(true);

		assertTrue(board.asserted(5));
		assertEquals(2, board.rises(5));
		assertEquals(List.of("rise", "rise"), seen);
	}

	@Test
	void consoleIsTheSameForEachWhoAsks() {
		TestConsole console = board.console("con");

		assertSame(console, board.console("con"));
		assertEquals(-1, console.read());
		console.type("ab");
		assertEquals(2, console.available());
		assertEquals('a', console.read());
		console.room(1);
		assertTrue(console.write('x'));
		assertFalse(console.write('y'));
		assertEquals("x", console.output());
	}

	@Test
	void driveCarriesOutWhatItIsAskedWhenTheTestSaysSo() throws DeviceException, DiskException {
		TestDisk disk = new TestDisk(1 << 20);
		TestDrive drive = board.addDrive("disk0", disk, false);
		ByteBuffer one = ByteBuffer.allocate(512).put(0, (byte) 1);
		ByteBuffer two = ByteBuffer.allocate(512).put(0, (byte) 2);

		board.drive("disk0").submit(request(DriveRequest.Op.WRITE, 1024, 1024, one, two));
		assertEquals(List.of(), seen);
		board.run();
		ByteBuffer back = ByteBuffer.allocate(1024);
		disk.read(1024, back);
		assertEquals(1, back.get(0));
		assertEquals(2, back.get(512));

		drive.hold(true);
		board.drive("disk0").submit(request(DriveRequest.Op.FLUSH, 0, 0));
		board.run();
		assertEquals(List.of("WRITE null"), seen);
		drive.carryOut(drive.waiting().get(0));
		assertEquals(1, disk.flushes());

		drive.hold(false);
		drive.fail(new DiskException(DiskException.Kind.FULL, "full"));
		drive.submit(request(DriveRequest.Op.DISCARD, 0, 512));
		drive.fail(null);
		board.run();
		drive.submit(request(DriveRequest.Op.READ, 1 << 20, 1, ByteBuffer.allocate(1)));
		board.run();
		assertEquals(List.of("WRITE null", "FLUSH null", "DISCARD null", "READ IO"), seen);
	}

	@Test
	void driveThatIsNotThereIsMissing() {
		assertEquals(DeviceException.Kind.MISSING,
				assertThrows(DeviceException.class, () -> board.drive("disk0")).kind());
	}

	private DriveRequest request(DriveRequest.Op op, long offset, long length, ByteBuffer... buffers) {
		return new DriveRequest() {
			{
				ask(op, offset, length, List.of(buffers));
			}

			@Override
			protected void done(DiskException error) {
				seen.add(op() + " " + (error == null ? null : error.kind()));
			}
		};
	}
}
