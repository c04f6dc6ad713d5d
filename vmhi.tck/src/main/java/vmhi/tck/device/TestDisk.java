package vmhi.tck.device;

import java.nio.ByteBuffer;

import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Resizable;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.tck.vdisk.InMemoryStorage;

/** A disk in memory, without a format. For any thread. */
public final class TestDisk implements VirtualDisk, Discardable, Resizable {
	private final InMemoryStorage bytes = new InMemoryStorage();
	private volatile int flushes;

	/** A disk of this many bytes, all zeros. */
	public TestDisk(long size) {
		try {
			resize(size);
		} catch (DiskException e) {
			throw new IllegalArgumentException(e);
		}
	}

	/** How often it was flushed. */
	public int flushes() {
		return flushes;
	}

	@Override
	public long size() {
		try {
			return bytes.length();
		} catch (DiskException e) {
			throw new IllegalStateException(e);
		}
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		bytes.read(offset, target);
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		bytes.write(offset, source);
	}

	@Override
	public void discard(long offset, long length) throws DiskException {
		bytes.zero(offset, length, false);
	}

	@Override
	public void resize(long size) throws DiskException {
		bytes.length(size);
	}

	@Override
	public synchronized void flush() {
		flushes++;
	}

	@Override
	public void close() {
		// there is nothing to give up
	}
}
