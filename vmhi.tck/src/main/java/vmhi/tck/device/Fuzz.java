package vmhi.tck.device;

import java.util.List;
import java.util.Random;

import vmhi.api.cpu.MsrRange;

/**
 * A guest that does anything at all, and a world around it that does likewise. The same number gives the same deeds on
 * boards that are alike.
 */
final class Fuzz {
	private final Random chance;
	private final TestVcpu vcpu = new TestVcpu(0);

	Fuzz(long seed) {
		chance = new Random(seed);
	}

	/** Does something. Tells what was read, if anything. */
	long step(TestBoard board) {
		int what = chance.nextInt(100);
		if (what < 75)
			return access(board);
		if (what < 80)
			return msr(board);
		if (what < 85)
			board.clock().advance(1L << chance.nextInt(30));
		else if (what < 88)
			type(board);
		else if (what < 90)
			board.consoles()
					.forEach(console -> console.room(chance.nextInt(3) == 0 ? Integer.MAX_VALUE : chance.nextInt(40)));
		else if (what < 95)
			board.memory().putLong(chance.nextInt(1 << 16) & -8, value());
		else
			board.run();
		return 0;
	}

	/** Accesses a register. */
	long access(TestBoard board) {
		List<TestBoard.Range> claims = board.claims();
		if (claims.isEmpty())
			return 0;
		Access access = access(claims.get(chance.nextInt(claims.size())));
		return access.make(board, vcpu);
	}

	/** An access that {@link #access(TestBoard)} could make. */
	Access access(TestBoard.Range range) {
		int size = 1 << chance.nextInt(range.port() ? 3 : 4);
		if (!range.port() && chance.nextInt(20) == 0)
			size = 1 + chance.nextInt(8);
		size = (int) Math.min(size, range.count());
		long reach = range.count() - size + 1;
		long offset = chance.nextInt((int) Math.min(reach, chance.nextBoolean() ? 64 : 1 << 20));
		if (chance.nextInt(4) > 0 && (offset & -size) + size <= range.count())
			offset &= -size;
		return new Access(range.port(), range.first() + offset, size, chance.nextBoolean(), value());
	}

	private long msr(TestBoard board) {
		List<MsrRange> ranges = board.claimedMsrs();
		if (ranges.isEmpty())
			return 0;
		MsrRange range = ranges.get(chance.nextInt(ranges.size()));
		int index = range.first() + chance.nextInt(range.count());
		if (chance.nextBoolean())
			return board.writeMsr(vcpu, index, value()) ? 1 : 0;
		return board.readMsr(vcpu, index) ? vcpu.msrValue : 0;
	}

	private void type(TestBoard board) {
		for (TestConsole console : board.consoles()) {
			byte[] typed = new byte[1 + chance.nextInt(40)];
			chance.nextBytes(typed);
			console.type(typed);
		}
	}

	/** Numbers that registers take more often than others. */
	private long value() {
		return switch (chance.nextInt(6)) {
			case 0 -> 0;
			case 1 -> -1;
			case 2 -> chance.nextInt(256);
			case 3 -> 1L << chance.nextInt(64);
			case 4 -> chance.nextInt(1 << 16) & -64; // an address in RAM
			default -> chance.nextLong();
		};
	}

	/** One access to a register. */
	record Access(boolean port, long address, int size, boolean write, long value) {

		long make(TestBoard board, TestVcpu vcpu) {
			if (port && write)
				board.out(vcpu, (int) address, size, value);
			else if (port)
				return board.in(vcpu, (int) address, size);
			else if (write)
				board.store(vcpu, address, size, value);
			else
				return board.load(vcpu, address, size);
			return 0;
		}
	}
}
