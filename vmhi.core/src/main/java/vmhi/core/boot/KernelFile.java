package vmhi.core.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import vmhi.api.machine.MachineException;
import vmhi.api.memory.GuestMemory;

/** A file of the host that goes into guest RAM. What it says of itself is not trusted. */
final class KernelFile implements AutoCloseable {
	private static final int CHUNK = 1 << 20;

	private final String what;
	private final Path path;
	private final FileChannel channel;
	private final long length;

	private KernelFile(String what, Path path, FileChannel channel, long length) {
		this.what = what;
		this.path = path;
		this.channel = channel;
		this.length = length;
	}

	/**
	 * Opens a file.
	 *
	 * @param what for messages: {@code kernel} or {@code initrd}
	 */
	static KernelFile open(String what, String name) throws MachineException {
		Path path;
		try {
			path = Path.of(name);
		} catch (InvalidPathException e) {
			throw new MachineException(MachineException.Kind.INVALID, "%s: not a file name: %s".formatted(what,
					e.getMessage()), e);
		}
		try {
			if (Files.isDirectory(path))
				throw new MachineException(MachineException.Kind.HOST, "%s %s is a directory".formatted(what, name));
			FileChannel channel = FileChannel.open(path);
			return new KernelFile(what, path, channel, channel.size());
		} catch (NoSuchFileException e) {
			throw new MachineException(MachineException.Kind.HOST, "%s %s does not exist".formatted(what, name), e);
		} catch (AccessDeniedException e) {
			throw new MachineException(MachineException.Kind.HOST,
					"%s %s may not be read; check its permissions".formatted(what,
							name),
					e);
		} catch (IOException e) {
			throw new MachineException(MachineException.Kind.HOST, "%s %s: %s".formatted(what, name, e.getMessage()),
					e);
		}
	}

	long length() {
		return length;
	}

	/** The file is not what it should be. */
	MachineException refuse(String why) {
		return new MachineException(MachineException.Kind.INVALID, "%s %s %s".formatted(what, path, why));
	}

	/** Bytes of the file, little-endian; what lies beyond its end is zeros. */
	ByteBuffer bytes(long offset, int count) throws MachineException {
		ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
		try {
			while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) > 0) {
				// until it is full or the file ends
			}
		} catch (IOException e) {
			throw failed(e);
		}
		return bytes.clear();
	}

	/** Copies a part of the file to RAM; the caller has checked that it is one and that it is RAM. */
	void load(long offset, long count, GuestMemory memory, long gpa) throws MachineException {
		ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK, Math.max(1, count)));
		try {
			for (long done = 0; done < count;) {
				chunk.clear().limit((int) Math.min(chunk.capacity(), count - done));
				int read = channel.read(chunk, offset + done);
				if (read <= 0)
					throw refuse("became shorter while it was read");
				memory.write(gpa + done, chunk.flip());
				done += read;
			}
		} catch (IOException e) {
			throw failed(e);
		}
	}

	private MachineException failed(IOException e) {
		return new MachineException(MachineException.Kind.HOST, "%s %s: %s".formatted(what, path, e.getMessage()), e);
	}

	@Override
	public void close() {
		try {
			channel.close();
		} catch (IOException e) {
			// it was only read
		}
	}
}
