package vmhi.tck.vdisk;

import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.MISSING;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Mapped;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/**
 * One image in memory, as the core would have opened it, with the further files that belong to it. It checks what the
 * core's storage checks, and what a format must not do: use it after closing it. Large sizes cost nothing until they
 * are written to.
 * <p>
 * For any thread. What several handles on the same files share is {@link Files}.
 */
public final class InMemoryStorage implements Storage {
	private static final String MAIN = "disk";

	/** The files, by name, and who wants to know what happens to them. */
	private static final class Files {
		final Map<String, SparseBytes> byName = new ConcurrentHashMap<>();
		final Map<String, VirtualDisk> backing = new ConcurrentHashMap<>();
		volatile Journal journal;
		volatile DiskException failure;
	}

	private final Files files;
	private final String name;
	private final boolean readOnly;
	private final SparseBytes bytes;
	private volatile boolean closed;
	private volatile int flushes;

	/** An empty image, open for writing. */
	public InMemoryStorage() {
		this(new Files(), MAIN, false);
	}

	/** An image of these bytes, open for writing. */
	public InMemoryStorage(byte[] content) {
		this();
		bytes.write(0, ByteBuffer.wrap(content));
	}

	private InMemoryStorage(Files files, String name, boolean readOnly) {
		this.files = files;
		this.name = name;
		this.readOnly = readOnly;
		bytes = files.byName.computeIfAbsent(name, n -> new SparseBytes());
	}

	/** The files as a journal makes them; there is always the first one. */
	InMemoryStorage(Map<String, SparseBytes> content) {
		this(withFiles(content), MAIN, false);
	}

	private static Files withFiles(Map<String, SparseBytes> content) {
		Files files = new Files();
		files.byName.putAll(content);
		return files;
	}

	/** The same files, opened once more. */
	public InMemoryStorage reopen() {
		return new InMemoryStorage(files, MAIN, false);
	}

	/** The same files, opened for reading. */
	public InMemoryStorage reopenReadOnly() {
		return new InMemoryStorage(files, MAIN, true);
	}

	/** Files like these, from now on apart from them. */
	public InMemoryStorage copy() {
		return new InMemoryStorage(content());
	}

	/** Keeps a record of everything that is done to the files from now on, through whichever handle. */
	public Journal record() {
		return files.journal = new Journal(content());
	}

	/** Makes everything that is asked of the files fail like this, until it is told {@code null}. */
	public void fail(DiskException failure) {
		files.failure = failure;
	}

	/** Puts a disk where {@link #backing} finds it. */
	public void provideBacking(String backingName, VirtualDisk disk) {
		files.backing.put(backingName, disk);
	}

	/** All bytes of this file. */
	public byte[] content(int most) {
		byte[] all = new byte[(int) Math.min(bytes.length(), most)];
		bytes.read(0, ByteBuffer.wrap(all));
		return all;
	}

	/** How much of this file isn't a hole. */
	public long allocated() {
		return bytes.allocated();
	}

	/** How often this handle was flushed. */
	public int flushes() {
		return flushes;
	}

	/** Whether this handle was closed. */
	public boolean closed() {
		return closed;
	}

	private Map<String, SparseBytes> content() {
		Map<String, SparseBytes> copy = new TreeMap<>();
		files.byName.forEach((file, content) -> copy.put(file, content.copy()));
		return copy;
	}

	@Override
	public String name() {
		return name;
	}

	@Override
	public boolean readOnly() {
		return readOnly;
	}

	@Override
	public long length() throws DiskException {
		usable();
		return bytes.length();
	}

	@Override
	public void length(long length) throws DiskException {
		writable();
		bytes.length(length);
		note(journal -> journal.length(name, length));
	}

	@Override
	public void read(long offset, ByteBuffer target) throws DiskException {
		usable();
		inside("read", offset, target.remaining());
		bytes.read(offset, target);
	}

	@Override
	public void write(long offset, ByteBuffer source) throws DiskException {
		writable();
		if (offset < 0)
			throw new IllegalArgumentException("write at " + offset);
		byte[] data = new byte[source.remaining()];
		source.get(data);
		bytes.write(offset, ByteBuffer.wrap(data));
		note(journal -> journal.write(name, offset, data));
	}

	@Override
	public void zero(long offset, long length, boolean keepAllocated) throws DiskException {
		writable();
		if (offset < 0 || length < 0 || length > bytes.length() - offset)
			throw new IllegalArgumentException("zero %d+%d of %d".formatted(offset, length, bytes.length()));
		bytes.zero(offset, length, keepAllocated);
		note(journal -> journal.zero(name, offset, length));
	}

	@Override
	public Mapped.Extent extent(long offset, long length) throws DiskException {
		usable();
		if (offset < 0 || offset >= bytes.length() || length < 1)
			throw new IllegalArgumentException("extent %d+%d of %d".formatted(offset, length, bytes.length()));
		long run = bytes.run(offset, length);
		return new Mapped.Extent(offset, Math.abs(run), run > 0 ? Mapped.Kind.DATA : Mapped.Kind.HOLE, 0);
	}

	@Override
	public synchronized void flush() throws DiskException {
		usable();
		flushes++;
		note(journal -> journal.flush(name));
	}

	@Override
	public VirtualDisk backing(String backingName, String format) throws DiskException {
		usable();
		VirtualDisk disk = files.backing.get(backingName);
		if (disk == null)
			throw new DiskException(MISSING, name + ": no backing file " + backingName);
		return disk;
	}

	@Override
	public Storage extent(String extentName, boolean create) throws DiskException {
		usable();
		if (!files.byName.containsKey(extentName) && !create)
			throw new DiskException(MISSING, name + ": no extent " + extentName);
		return new InMemoryStorage(files, extentName, readOnly);
	}

	@Override
	public void close() throws DiskException {
		closed = true;
	}

	private void inside(String what, long offset, long length) throws DiskException {
		if (offset < 0 || length > bytes.length() - offset)
			throw new DiskException(CORRUPT,
					"%s: %s %d+%d of %d".formatted(name, what, offset, length, bytes.length()));
	}

	private void note(Consumer<Journal> step) {
		Journal journal = files.journal;
		if (journal != null)
			step.accept(journal);
	}

	private void writable() throws DiskException {
		usable();
		if (readOnly)
			throw new DiskException(READ_ONLY, name + " is open for reading");
	}

	private void usable() throws DiskException {
		if (closed)
			throw new IllegalStateException(name + " is closed");
		DiskException failure = files.failure;
		if (failure != null)
			throw new DiskException(failure.kind(), failure.getMessage(), failure);
	}

	/** A failure to hand to {@link #fail}. */
	public static DiskException ioError() {
		return new DiskException(IO, "the disk under this storage is on fire");
	}
}
