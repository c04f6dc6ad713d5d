package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Mapped.Extent;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/**
 * A file, as a format sees it. The core can take it back at any moment: what a format that was given up on does later
 * changes nothing. For any thread.
 */
final class FileStorage implements Storage {
	private static final int CLOSED = Integer.MIN_VALUE;

	private final HostFile file;
	private final boolean readOnly;
	private final ImageChain chain;
	private final ImageChain.Link link;
	private final AtomicInteger calls = new AtomicInteger(); // under way; with CLOSED added once closed

	/** Takes over a reference to the file. */
	FileStorage(HostFile file, boolean readOnly, ImageChain chain, ImageChain.Link link) {
		this.file = file;
		this.readOnly = readOnly;
		this.chain = chain;
		this.link = link;
	}

	/** How many calls are with the host now. */
	int calls() {
		return calls.get() & ~CLOSED;
	}

	HostFile file() {
		return file;
	}

	private void enter() throws DiskException {
		while (true) {
			int now = calls.get();
			if (now < 0)
				throw new DiskException(Kind.IO, file.path() + " is closed");
			if (calls.compareAndSet(now, now + 1))
				return;
		}
	}

	private void enterToWrite() throws DiskException {
		if (readOnly)
			throw new DiskException(Kind.READ_ONLY, file.path() + " is open for reading");
		enter();
	}

	private void leave() {
		if (calls.decrementAndGet() == CLOSED)
			file.release();
	}

	@Override
	public String name() {
		return file.path().toString();
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	@Override
	public long length() throws DiskException {
		enter();
		try {
			return file.length();
		} finally {
			leave();
		}
	}

	@Override
	public void length(long length) throws DiskException {
		enterToWrite();
		try {
			file.length(length);
		} finally {
			leave();
		}
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		enter();
		try {
			file.read(offset, target);
		} finally {
			leave();
		}
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		enterToWrite();
		try {
			file.write(offset, source);
		} finally {
			leave();
		}
	}

	@Override
	public void zero(long offset, long length, boolean keepAllocated) throws DiskException {
		enterToWrite();
		try {
			file.zero(offset, length, keepAllocated);
		} finally {
			leave();
		}
	}

	@Override
	public Extent extent(long offset, long length) throws DiskException {
		enter();
		try {
			return file.extent(offset, length);
		} finally {
			leave();
		}
	}

	@Override
	public void flush() throws DiskException {
		enter();
		try {
			if (!readOnly)
				file.flush();
		} finally {
			leave();
		}
	}

	@Override
	public VirtualDisk backing(String name, String format) throws DiskException {
		enter();
		leave(); // only not to go on after it was closed; opening another file is no call to this one
		return chain.backing(link, name, format);
	}

	@Override
	public Storage extent(String name, boolean create) throws DiskException {
		enter();
		leave();
		return chain.extent(link, name, create && !readOnly, readOnly);
	}

	/** Returns at once: the file is let go of when the last call that is under way has ended. */
	@Override
	public void close() {
		int before = calls.getAndUpdate(now -> now | CLOSED);
		if (before == 0)
			file.release();
	}
}
