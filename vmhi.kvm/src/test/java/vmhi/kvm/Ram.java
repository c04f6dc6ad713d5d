package vmhi.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import com.sun.jna.Pointer;

import vmhi.api.memory.DirtyTracker;
import vmhi.api.memory.GuestMemory;
import vmhi.api.memory.MemoryRegion;
import vmhi.api.memory.WriteListener;

/** Guest RAM for tests: one region from GPA 0, as little of the contract as a backend and these tests use. */
final class Ram implements GuestMemory, AutoCloseable {
	private final Pointer pages;
	private final ByteBuffer bytes;
	private final MemoryRegion region;

	Ram(int size) {
		Kvm.acquire();
		pages = Kvm.mmap(null, size, Kvm.PROT_READ | Kvm.PROT_WRITE, Kvm.MAP_PRIVATE | Kvm.MAP_ANONYMOUS, -1, 0);
		bytes = pages.getByteBuffer(0, size).order(ByteOrder.LITTLE_ENDIAN);
		region = new MemoryRegion(0, size, Pointer.nativeValue(pages));
	}

	@Override
	public void close() {
		Kvm.munmap(pages, region.size());
		Kvm.release();
	}

	@Override
	public List<MemoryRegion> regions() {
		return List.of(region);
	}

	@Override
	public long size() {
		return region.size();
	}

	@Override
	public boolean contains(long gpa, long length) {
		return region.contains(gpa, length);
	}

	@Override
	public int getByte(long gpa) {
		return bytes.get((int) gpa) & 0xff;
	}

	@Override
	public int getShort(long gpa) {
		return bytes.getShort((int) gpa) & 0xffff;
	}

	@Override
	public int getInt(long gpa) {
		return bytes.getInt((int) gpa);
	}

	@Override
	public long getLong(long gpa) {
		return bytes.getLong((int) gpa);
	}

	@Override
	public int getShortAcquire(long gpa) {
		return getShort(gpa);
	}

	@Override
	public int getIntAcquire(long gpa) {
		return getInt(gpa);
	}

	@Override
	public void putByte(long gpa, int value) {
		bytes.put((int) gpa, (byte) value);
	}

	@Override
	public void putShort(long gpa, int value) {
		bytes.putShort((int) gpa, (short) value);
	}

	@Override
	public void putInt(long gpa, int value) {
		bytes.putInt((int) gpa, value);
	}

	@Override
	public void putLong(long gpa, long value) {
		bytes.putLong((int) gpa, value);
	}

	@Override
	public void putShortRelease(long gpa, int value) {
		putShort(gpa, value);
	}

	@Override
	public void putIntRelease(long gpa, int value) {
		putInt(gpa, value);
	}

	@Override
	public boolean read(long gpa, ByteBuffer target) {
		target.put(bytes.slice((int) gpa, target.remaining()));
		return true;
	}

	@Override
	public boolean write(long gpa, ByteBuffer source) {
		bytes.slice((int) gpa, source.remaining()).put(source);
		return true;
	}

	@Override
	public ByteBuffer slice(long gpa, int length) {
		return bytes.slice((int) gpa, length).order(ByteOrder.LITTLE_ENDIAN);
	}

	@Override
	public void markDirty(long gpa, long length) {}

	@Override
	public long release(long gpa, long length) {
		return 0;
	}

	@Override
	public DirtyTracker track() {
		throw new UnsupportedOperationException("the core's, not a backend's");
	}

	@Override
	public void addWriteListener(WriteListener listener) {}

	@Override
	public void removeWriteListener(WriteListener listener) {}
}
