package vmhi.core.vdisk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;

/**
 * A format whose images hold nothing but a name: {@code LINK}, a letter, the name and a format. The disk is what is there:
 * a backing file ({@code B}), or an extent ({@code E}, {@code C} to make it if it does not exist).
 */
final class LinkFormat implements DiskFormat {

	static void write(Path image, char kind, String name, String format) throws Exception {
		Files.writeString(image, "LINK\n" + kind + "\n" + name + "\n" + format + "\n");
	}

	@Override
	public boolean recognises(Storage image) throws DiskException {
		return image.length() > 4 && text(image, 4).equals("LINK");
	}

	private static String text(Storage image, int length) throws DiskException {
		ByteBuffer bytes = ByteBuffer.allocate(length);
		image.read(0, bytes);
		return new String(bytes.array(), StandardCharsets.UTF_8);
	}

	@Override
	public VirtualDisk open(Storage image) throws DiskException {
		if (!recognises(image))
			throw new DiskException(Kind.CORRUPT, image.name() + " is no link");
		String[] lines = text(image, (int) image.length()).split("\n", -1);
		return switch (lines[1]) {
			case "B" -> new Backed(image, image.backing(lines[2], lines[3]));
			case "E", "C" -> new Extended(image, image.extent(lines[2], lines[1].equals("C")));
			default -> throw new DiskException(Kind.CORRUPT, lines[1]);
		};
	}

	private record Backed(Storage image, VirtualDisk inner) implements VirtualDisk {

		@Override
		public long size() {
			return inner.size();
		}

		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			inner.read(offset, target);
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			inner.write(offset, source);
		}

		@Override
		public void flush() throws DiskException {
			inner.flush();
		}

		@Override
		public void close() throws DiskException {
			try (image) {
				inner.close();
			}
		}
	}

	private record Extended(Storage image, Storage inner) implements VirtualDisk {

		@Override
		public long size() {
			try {
				return inner.length();
			} catch (DiskException e) {
				throw new IllegalStateException(e);
			}
		}

		@Override
		public void read(long offset, ByteBuffer target) throws DiskException {
			inner.read(offset, target);
		}

		@Override
		public void write(long offset, ByteBuffer source) throws DiskException {
			inner.write(offset, source);
		}

		@Override
		public void flush() throws DiskException {
			inner.flush();
		}

		@Override
		public void close() throws DiskException {
			try (image) {
				inner.close();
			}
		}
	}
}
