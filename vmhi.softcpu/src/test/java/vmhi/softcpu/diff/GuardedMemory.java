package vmhi.softcpu.diff;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.memory.WriteListener;
import vmhi.tck.memory.TestMemory;

/**
 * RAM from address 0 on, with host memory before and behind it that nobody has a right to: whoever computes a host
 * address wrongly, and not by far, is noticed. For any thread.
 */
final class GuardedMemory implements GuestMemory {
	private static final int GUARD = 1 << 16;
	private static final byte UNTOUCHED = 0x5a;
	private static final long NOWHERE = Long.MIN_VALUE;

	private final int size;
	private final TestMemory whole;

	GuardedMemory(int size) {
		this.size = size;
		whole = new TestMemory(size + 2 * GUARD);
		byte[] guard = new byte[GUARD];
		Arrays.fill(guard, UNTOUCHED);
		whole.write(0, ByteBuffer.wrap(guard));
		whole.write(GUARD + size, ByteBuffer.wrap(guard));
	}

	/** Tells whether nothing was written outside. */
	boolean isIntact() {
		byte[] guard = new byte[2 * GUARD];
		whole.read(0, ByteBuffer.wrap(guard, 0, GUARD));
		whole.read(GUARD + size, ByteBuffer.wrap(guard, GUARD, GUARD));
		for (byte each : guard)
			if (each != UNTOUCHED)
				return false;
		return true;
	}

	private long at(long gpa, long length) {
		return contains(gpa, length) ? gpa + GUARD : NOWHERE;
	}

	@Override
	public List<MemoryRegion> regions() {
		return List.of(new MemoryRegion(0, size, whole.regions().get(0).hostAddress() + GUARD));
	}

	@Override
	public long size() {
		return size;
	}

	@Override
	public boolean contains(long gpa, long length) {
		return length >= 0 && Long.compareUnsigned(gpa, size) < 0 && length <= size - gpa;
	}

	@Override
	public int getByte(long gpa) {
		return whole.getByte(at(gpa, 1));
	}

	@Override
	public int getShort(long gpa) {
		return whole.getShort(at(gpa, 2));
	}

	@Override
	public int getInt(long gpa) {
		return whole.getInt(at(gpa, 4));
	}

	@Override
	public long getLong(long gpa) {
		return whole.getLong(at(gpa, 8));
	}

	@Override
	public int getShortAcquire(long gpa) {
		return whole.getShortAcquire(at(gpa, 2));
	}

	@Override
	public int getIntAcquire(long gpa) {
		return whole.getIntAcquire(at(gpa, 4));
	}

	@Override
	public void putByte(long gpa, int value) {
		whole.putByte(at(gpa, 1), value);
	}

	@Override
	public void putShort(long gpa, int value) {
		whole.putShort(at(gpa, 2), value);
	}

	@Override
	public void putInt(long gpa, int value) {
		whole.putInt(at(gpa, 4), value);
	}

	@Override
	public void putLong(long gpa, long value) {
		whole.putLong(at(gpa, 8), value);
	}

	@Override
	public void putShortRelease(long gpa, int value) {
		whole.putShortRelease(at(gpa, 2), value);
	}

	@Override
	public void putIntRelease(long gpa, int value) {
		whole.putIntRelease(at(gpa, 4), value);
	}

	@Override
	public boolean read(long gpa, ByteBuffer target) {
		return whole.read(at(gpa, target.remaining()), target);
	}

	@Override
	public boolean write(long gpa, ByteBuffer source) {
		return whole.write(at(gpa, source.remaining()), source);
	}

	@Override
	public ByteBuffer slice(long gpa, int length) {
		return whole.slice(at(gpa, length), length);
	}

	@Override
	public void markDirty(long gpa, long length) {
		whole.markDirty(at(gpa, length), length);
	}

	@Override
	public long release(long gpa, long length) {
		return whole.release(at(gpa, length), length);
	}

	@Override
	public DirtyTracker track() {
		return whole.track();
	}

	/** There is but the CPU that listens, for as long as there is this memory. */
	@Override
	public void addWriteListener(WriteListener listener) {
		whole.addWriteListener((gpa, length) -> {
			if (contains(gpa - GUARD, length))
				listener.written(gpa - GUARD, length);
		});
	}

	@Override
	public void removeWriteListener(WriteListener listener) {}
}
