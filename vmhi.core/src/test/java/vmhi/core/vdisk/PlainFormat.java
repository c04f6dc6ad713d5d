package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.vdisk.Described;
import vmhi.api.vdisk.Discardable;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.api.vdisk.ZeroWritable;

/**
 * A format whose disk is its file, and that misbehaves as the test says. What is written stays in memory until a flush,
 * as with formats that cache: a core that forgets one loses data.
 */
class PlainFormat implements DiskFormat, DiskCreator {

	/** Is called at the beginning of each call to a disk. */
	interface Hook {

		/** @param call {@code open}, {@code read}, {@code write}, {@code flush}, {@code close}, {@code create} ... */
		void at(String call, long offset) throws DiskException;
	}

	private static final Hook NOTHING = (call, offset) -> {
	};

	volatile Hook hook = NOTHING;
	volatile boolean able; // to discard and zero, with a description
	volatile int blockSize = 512;

	/** Disks that are open. */
	final AtomicInteger disks = new AtomicInteger();
	/** Calls that are under way. */
	final AtomicInteger calls = new AtomicInteger();
	final AtomicInteger allCalls = new AtomicInteger();

	PlainFormat with(Hook now) {
		hook = now;
		return this;
	}

	PlainFormat able() {
		able = true;
		return this;
	}

	@Override
	public boolean recognises(Storage image) throws DiskException {
		return true;
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		enter("open", 0);
		try {
			Disk disk = able ? new AbleDisk(image) : new Disk(image);
			disks.incrementAndGet();
			return disk;
		} finally {
			calls.decrementAndGet();
		}
	}

	@Override
	public void create(Storage image, long size, Map<String, String> options) throws DiskException {
		enter("create", 0);
		try {
			if (options.containsKey("extent"))
				image.extent(options.get("extent"), true).close();
			image.length(size);
			hook.at("created", 0);
		} finally {
			calls.decrementAndGet();
		}
	}

	private void enter(String call, long offset) throws DiskException {
		calls.incrementAndGet();
		allCalls.incrementAndGet();
		boolean fine = false;
		try {
			hook.at(call, offset);
			fine = true;
		} finally {
			if (!fine)
				calls.decrementAndGet();
		}
	}

	private class Disk implements VirtualDisk {
		final Storage image;
		private final long size;
		private final TreeMap<Long, byte[]> dirty = new TreeMap<>(); // bytes by offset, no two overlap; guarded by this
		private boolean closed;

		Disk(Storage image) throws DiskException {
			this.image = image;
			size = image.length();
		}

		@Override
		public long size() {
			return size;
		}

		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			enter("read", offset);
			try {
				byte[] bytes = new byte[target.remaining()];
				synchronized (this) {
					image.read(offset, ByteBuffer.wrap(bytes));
					dirty.headMap(offset + bytes.length).forEach((at, data) -> {
						int from = (int) Math.max(0, offset - at);
						int to = (int) Math.min(data.length, offset + bytes.length - at);
						if (from < to)
							System.arraycopy(data, from, bytes, (int) (at + from - offset), to - from);
					});
				}
				target.put(bytes);
			} finally {
				calls.decrementAndGet();
			}
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			enter("write", offset);
			try {
				byte[] bytes = new byte[source.remaining()];
				source.get(bytes);
				synchronized (this) {
					for (Map.Entry<Long, byte[]> entry : dirty.headMap(offset + bytes.length).entrySet())
						if (entry.getKey() + entry.getValue().length > offset)
							image.write(entry.getKey(), ByteBuffer.wrap(entry.getValue()));
					dirty.headMap(offset + bytes.length).entrySet()
							.removeIf(entry -> entry.getKey() + entry.getValue().length > offset);
					dirty.put(offset, bytes);
				}
			} finally {
				calls.decrementAndGet();
			}
		}

		@Override
		public void flush() throws DiskException {
			enter("flush", 0);
			try {
				save();
			} finally {
				calls.decrementAndGet();
			}
		}

		private synchronized void save() throws DiskException {
			for (Map.Entry<Long, byte[]> entry : dirty.entrySet())
				image.write(entry.getKey(), ByteBuffer.wrap(entry.getValue()));
			dirty.clear();
			image.flush();
		}

		@Override
		public void close() throws DiskException {
			synchronized (this) {
				if (closed)
					return;
				closed = true;
			}
			disks.decrementAndGet();
			enter("close", 0);
			try (image) {
				save();
			} finally {
				calls.decrementAndGet();
			}
		}
	}

	private final class AbleDisk extends Disk implements Discardable, ZeroWritable, Described {

		AbleDisk(Storage image) throws DiskException {
			super(image);
		}

		@Override
		public void discard(long offset, long length) throws DiskException {
			zero("discard", offset, length, false);
		}

		@Override
		public void writeZeroes(long offset, long length, boolean mayFree) throws DiskException {
			zero("zero", offset, length, !mayFree);
		}

		private void zero(String call, long offset, long length, boolean keep) throws DiskException {
			enter(call, offset);
			try {
				synchronized (this) {
					super.save();
					image.zero(offset, length, keep);
				}
			} finally {
				calls.decrementAndGet();
			}
		}

		@Override
		public int blockSize() {
			return blockSize;
		}

		@Override
		public Map<String, String> particulars() {
			return Map.of();
		}
	}
}
