package vmhi.core.memory;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryView;

/**
 * Guest RAM as one call sees it. Blocks that were copied in are remembered, so that a byte that is asked for again comes
 * from the copy; blocks to be copied out wait for {@link #commit}. Used again and again by one vCPU: {@link #begin}
 * forgets the call before.
 */
public final class CallView implements MemoryView {
	private static final int MOST = 1 << 20;

	private record Block(long gpa, byte[] bytes) {}

	private final GuestMemory memory;
	private final List<Block> fetched = new ArrayList<>();
	private final List<Block> pending = new ArrayList<>();

	/** A view on the RAM of a machine. */
	public CallView(GuestMemory memory) {
		this.memory = memory;
	}

	/** A new call begins. */
	public void begin() {
		if (!fetched.isEmpty())
			fetched.clear();
		if (!pending.isEmpty())
			pending.clear();
	}

	/** The call ended well: what it wrote takes effect. */
	public void commit() {
		for (Block block : pending)
			memory.write(block.gpa, ByteBuffer.wrap(block.bytes));
	}

	@Override
	public byte[] copyIn(long gpa, int length) {
		if (length < 0 || length > MOST || !memory.contains(gpa, length))
			return null;
		byte[] bytes = new byte[length];
		if (fetched.isEmpty()) {
			memory.read(gpa, ByteBuffer.wrap(bytes));
		} else {
			fetchRest(gpa, bytes);
		}
		fetched.add(new Block(gpa, bytes.clone()));
		for (Block block : pending)
			overlay(block, gpa, bytes);
		return bytes;
	}

	/** Takes from the copies what they have, and from RAM only what they have not. */
	private void fetchRest(long gpa, byte[] bytes) {
		boolean[] known = new boolean[bytes.length];
		for (Block block : fetched) {
			overlay(block, gpa, bytes);
			long from = Math.max(gpa, block.gpa);
			long to = Math.min(gpa + bytes.length, block.gpa + block.bytes.length);
			if (from < to)
				Arrays.fill(known, (int) (from - gpa), (int) (to - gpa), true);
		}
		for (int i = 0; i < bytes.length; i++) {
			int from = i;
			while (i < bytes.length && !known[i])
				i++;
			if (i > from)
				memory.read(gpa + from, ByteBuffer.wrap(bytes, from, i - from));
		}
	}

	private static void overlay(Block block, long gpa, byte[] bytes) {
		long from = Math.max(gpa, block.gpa);
		long to = Math.min(gpa + bytes.length, block.gpa + block.bytes.length);
		if (from < to)
			System.arraycopy(block.bytes, (int) (from - block.gpa), bytes, (int) (from - gpa), (int) (to - from));
	}

	@Override
	public boolean copyOut(long gpa, byte[] data) {
		if (!memory.contains(gpa, data.length))
			return false;
		pending.add(new Block(gpa, data.clone()));
		return true;
	}
}
