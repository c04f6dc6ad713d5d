package vmhi.tck.vdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/** What a disk should hold: every operation is done to the disk and to a plain array. */
final class DiskModel {
	private static final int LONGEST = 200_000;

	private final byte[] expected;
	private final Random chance;

	DiskModel(long size, long seed) {
		expected = new byte[Math.toIntExact(size)];
		chance = new Random(seed);
	}

	/** Does something to the disk that it can do, or looks at some of it. */
	void step(VirtualDisk disk) throws DiskException {
		int offset = chance.nextInt(expected.length);
		int length = 1 + chance.nextInt(Math.min(LONGEST, expected.length - offset));
		if (chance.nextBoolean()) { // as guests do
			offset &= -4096;
			length = Math.min(length + 4095 & -4096, expected.length - offset);
		}
		switch (chance.nextInt(6)) {
			case 0, 1 -> write(disk, offset, length);
			case 2 -> {
				if (disk instanceof Discardable discardable) {
					discardable.discard(offset, length);
					zero(offset, length);
				}
			}
			case 3 -> {
				if (disk instanceof ZeroWritable zeroes) {
					zeroes.writeZeroes(offset, length, chance.nextBoolean());
					zero(offset, length);
				}
			}
			case 4 -> disk.flush();
			default -> compare(disk, offset, length);
		}
	}

	private void write(VirtualDisk disk, int offset, int length) throws DiskException {
		byte[] data = new byte[length];
		chance.nextBytes(data);
		System.arraycopy(data, 0, expected, offset, length);
		ByteBuffer source = chance.nextBoolean() ? ByteBuffer.wrap(data)
				: ByteBuffer.allocateDirect(length).put(data).flip();
		disk.write(offset, source);
		assertEquals(0, source.remaining(), "bytes left in the buffer of a write");
	}

	private void zero(int offset, int length) {
		Arrays.fill(expected, offset, offset + length, (byte) 0);
	}

	/** Looks at all of it. */
	void compare(VirtualDisk disk) throws DiskException {
		for (int offset = 0; offset < expected.length; offset += 1 << 20)
			compare(disk, offset, Math.min(1 << 20, expected.length - offset));
	}

	private void compare(VirtualDisk disk, int offset, int length) throws DiskException {
		ByteBuffer target = chance.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
		disk.read(offset, target);
		assertEquals(0, target.remaining(), "bytes missing in the buffer of a read");
		int differs = target.flip().mismatch(ByteBuffer.wrap(expected, offset, length));
		assertEquals(-1, differs,
				() -> "the disk reads otherwise than it was written, from " + (offset + (long) differs));
	}
}
