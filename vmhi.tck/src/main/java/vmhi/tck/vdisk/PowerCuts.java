package vmhi.tck.vdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

import vmhi.api.vdisk.Checkable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * A guest's writes and flushes, and the power going out after each step of what they did to the files. Whatever is left
 * must open, hold for each sector what was last flushed or something written later, be found sound, and be fit to go
 * on: new writes change nothing else.
 */
final class PowerCuts {
	private static final int BLOCK = 4096;
	private static final int SECTOR = 512;
	private static final byte[] ZEROS = new byte[BLOCK];
	private static final int OPERATIONS = 48;
	private static final int MOST_POINTS = 60;
	private static final int SEEDS = 4;

	/** A guest's write of a block. {@code begun} and {@code flushed} are places in the journal. */
	private static final class Written {
		final int block;
		final long value;
		final int begun;
		int flushed = Integer.MAX_VALUE;

		Written(int block, long value, int begun) {
			this.block = block;
			this.value = value;
			this.begun = begun;
		}
	}

	private final DiskFormat format;
	private final int blocks;
	private final Random chance = new Random(20);
	private final List<Written> history = new ArrayList<>();
	private Journal journal;

	PowerCuts(DiskFormat format, long size) {
		this.format = format;
		blocks = (int) (size / BLOCK);
	}

	void run(InMemoryStorage image) throws DiskException {
		try (VirtualDisk disk = format.open(image)) {
			journal = image.record();
			for (int i = 1; i <= OPERATIONS; i++)
				operate(disk, i);
		}
		int step = Math.max(1, journal.size() / MOST_POINTS);
		for (int point = 0; point <= journal.size(); point += step)
			for (int seed = 0; seed < SEEDS; seed++)
				recover(point, seed);
	}

	private void operate(VirtualDisk disk, int number) throws DiskException {
		if (number % 4 == 0) {
			disk.flush();
			history.forEach(written -> written.flushed = Math.min(written.flushed, journal.size()));
			return;
		}
		// few blocks far apart, so that some are written again
		int block = chance.nextInt(12) * (blocks / 12) + chance.nextInt(2);
		boolean zeroes = number % 5 == 0 && disk instanceof ZeroWritable;
		history.add(new Written(block, zeroes ? 0 : number, journal.size()));
		if (zeroes)
			((ZeroWritable) disk).writeZeroes((long) block * BLOCK, BLOCK, chance.nextBoolean());
		else
			disk.write((long) block * BLOCK, pattern(number));
	}

	private void recover(int point, int seed) throws DiskException {
		String where = "power cut after step %d of %d, chance %d: ".formatted(point, journal.size(), seed);
		long[][] before = new long[blocks][];
		try (VirtualDisk disk = format.open(journal.cut(point, seed))) {
			for (int block = 0; block < blocks; block++) {
				before[block] = sectors(disk, block, where);
				for (long value : before[block])
					assertTrue(allowed(block, value, point),
							where + "block " + history(block) + " holds " + value);
			}
			sound(disk, where);
			goOn(disk, before, where);
			sound(disk, where + "after further writes, ");
		}
	}

	/** Whether the value was flushed last before the cut, or written since. */
	private boolean allowed(int block, long value, int point) {
		boolean allowed = value == 0;
		for (Written written : history)
			if (written.block == block && written.begun <= point) {
				if (written.flushed <= point)
					allowed = false;
				allowed |= written.value == value;
			}
		return allowed;
	}

	private String history(int block) {
		StringBuilder text = new StringBuilder().append(block).append(" (written");
		for (Written written : history)
			if (written.block == block)
				text.append(' ').append(written.value).append('@').append(written.begun);
		return text.append(')').toString();
	}

	private static void sound(VirtualDisk disk, String where) throws DiskException {
		if (disk instanceof Checkable checkable)
			assertEquals(List.of(), checkable.check(false, share -> {
			}).errors(), where + "errors found");
	}

	private void goOn(VirtualDisk disk, long[][] before, String where) throws DiskException {
		BitSet fresh = new BitSet();
		for (int i = 0; i < 8; i++) {
			int block = chance.nextInt(blocks);
			fresh.set(block);
			disk.write((long) block * BLOCK, pattern(1000 + block));
		}
		disk.flush();
		for (int block = 0; block < blocks; block++) {
			long[] now = sectors(disk, block, where);
			for (int i = 0; i < now.length; i++)
				assertEquals(fresh.get(block) ? 1000 + block : before[block][i], now[i],
						where + "block " + history(block) + " changed by later writes");
		}
	}

	private static long[] sectors(VirtualDisk disk, int block, String where) throws DiskException {
		ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
		disk.read((long) block * BLOCK, bytes);
		long[] values = new long[BLOCK / SECTOR];
		if (Arrays.equals(bytes.array(), ZEROS))
			return values;
		for (int at = 0; at < BLOCK; at += Long.BYTES) {
			if (at % SECTOR == 0)
				values[at / SECTOR] = bytes.getLong(at);
			assertEquals(values[at / SECTOR], bytes.getLong(at), where + "a sector of block " + block + " is torn");
		}
		return values;
	}

	private static ByteBuffer pattern(long value) {
		ByteBuffer bytes = ByteBuffer.allocate(BLOCK);
		while (bytes.hasRemaining())
			bytes.putLong(value);
		return bytes.flip();
	}
}
