package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.FORBIDDEN;
import static vmhi.api.vdisk.DiskException.Kind.FULL;
import static vmhi.api.vdisk.DiskException.Kind.IO;
import static vmhi.api.vdisk.DiskException.Kind.LOCKED;
import static vmhi.api.vdisk.DiskException.Kind.MISSING;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.VersionRange;

import vmhi.api.device.Drive;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.StorageTransport;

@Timeout(60)
class ImagesTest {

	@TempDir
	Path folder;

	private Bench bench;
	private final PlainFormat format = new PlainFormat();

	@BeforeEach
	void begin() {
		bench = new Bench(folder).add("1.0.0", format);
	}

	@AfterEach
	void end() {
		bench.close();
	}

	private DiskException.Kind refusal(String path, String format, VersionRange pin) {
		return assertThrows(DiskException.class,
				() -> bench.open("web", Path.of(path), format, false, pin)).kind();
	}

	@Test
	void saysWhatIsMissing() throws Exception {
		String image = bench.image("disk.img", 512).toString();
		assertEquals(UNSUPPORTED, refusal(image, "qcow2", null));
		assertEquals(UNSUPPORTED, refusal(image, "plain", new VersionRange("[2,3)")));
		assertEquals(UNSUPPORTED, refusal("nbd://host/disk", "plain", null));
		assertEquals(MISSING, refusal(image + ".not", "plain", null));
		bench.open("web", Path.of(image), "plain", false, null).close();
	}

	@Test
	void imageOfAMachineIsReachedThroughLinks() throws Exception {
		Path link = Files.createSymbolicLink(folder.resolve("link"), bench.image("disk.img", 512));
		GuestDrive drive = bench.open(link);
		DiskException e = assertThrows(DiskException.class,
				() -> bench.open("db", folder.resolve("disk.img"), "plain", false, null));
		assertEquals(LOCKED, e.kind());
		assertTrue(e.getMessage().endsWith("disk.img is in use by machine web; stop that one first"), e.getMessage());
		drive.close();
	}

	@Test
	void madeImageIsWhole() throws Exception {
		Path image = folder.resolve("new.img");
		bench.images.create(image, "plain", 4096, Map.of());
		assertEquals(4096, Files.size(image));
		assertEquals(List.of("new.img"), names());
		bench.open(image).close();
	}

	private List<String> names() throws Exception {
		try (var all = Files.list(folder)) {
			return all.map(path -> path.getFileName().toString()).sorted().toList();
		}
	}

	@Test
	void imageThatExistsIsNotReplaced() throws Exception {
		Path image = Files.write(folder.resolve("disk.img"), new byte[] { 1 });
		assertEquals(FORBIDDEN, failure(image, "plain", 4096));
		// not even if somebody else was quicker
		Path other = folder.resolve("other.img");
		format.with((call, offset) -> {
			if (call.equals("created"))
				write(other);
		});
		assertEquals(FORBIDDEN, failure(other, "plain", 4096));
		assertArrayEquals(new byte[] { 1 }, Files.readAllBytes(image));
		assertArrayEquals(new byte[] { 2 }, Files.readAllBytes(other));
		assertEquals(List.of("disk.img", "other.img"), names());
	}

	private static void write(Path file) {
		try {
			Files.write(file, new byte[] { 2 });
		} catch (java.io.IOException e) {
			throw new java.io.UncheckedIOException(e);
		}
	}

	private DiskException.Kind failure(Path image, String name, long size) {
		return assertThrows(DiskException.class, () -> bench.images.create(image, name, size, Map.of())).kind();
	}

	@Test
	void nothingIsLeftOfAnImageThatCouldNotBeMade() throws Exception {
		Path image = folder.resolve("new.img");
		PlainFormat.Hook full = (call, offset) -> {
			if (call.equals("created"))
				throw new DiskException(FULL, "no space");
		};
		PlainFormat.Hook broken = (call, offset) -> {
			if (call.equals("created"))
				throw new IllegalStateException("a bug");
		};
		assertEquals(FULL, assertThrows(DiskException.class, () -> {
			format.with(full);
			bench.images.create(image, "plain", 4096, Map.of("extent", "new-flat.img"));
		}).kind());
		format.with(broken);
		assertEquals(IO, failure(image, "plain", 4096));
		assertEquals(UNSUPPORTED, failure(image, "plain", 0));
		assertEquals(UNSUPPORTED, failure(image, "none", 10));
		bench.add("reader", "1.0.0", new LinkFormat());
		assertEquals(UNSUPPORTED, failure(image, "reader", 10));
		assertEquals(MISSING, failure(folder.resolve("no/new.img"), "plain", 10));
		assertEquals(List.of(), names());
	}

	@Test
	void imageIsNotMadeByABundleThatLeft() throws Exception {
		format.with((call, offset) -> {
			if (call.equals("create"))
				bench.remove(format);
		});
		assertEquals(IO, failure(folder.resolve("new.img"), "plain", 4096));
		assertEquals(List.of(), names());
	}

	@Test
	void newConfigurationClosesNoDisk() throws Exception {
		GuestDrive drive = bench.open(bench.image("disk.img", 4096));
		bench.images.modified(new TestConfig());
		Asked.flush().of(Bench.view(drive)).ok();
		assertEquals(1, format.disks.get());
		assertEquals(3, bench.images.limits().inFlight());
	}

	@SuppressWarnings("all")
	private static final class TestConfig implements Images.Config {

		@Override
		public Class<? extends java.lang.annotation.Annotation> annotationType() {
			return Images.Config.class;
		}

		@Override
		public String[] roots() {
			return new String[] { "/" };
		}

		@Override
		public int threads() {
			return 1;
		}

		@Override
		public int inFlight() {
			return 3;
		}

		@Override
		public int drain() {
			return 1000;
		}

		@Override
		public int callDeadline() {
			return 1000;
		}

		@Override
		public int requestDeadline() {
			return 1000;
		}

		@Override
		public int patience() {
			return 1000;
		}
	}

	/** Images in memory, by URI. */
	private static final class Memory implements StorageTransport {
		final Map<URI, byte[]> images = new ConcurrentHashMap<>();
		final AtomicInteger open = new AtomicInteger();

		@Override
		public Connection connect(URI image, boolean readOnly) throws DiskException {
			byte[] bytes = images.get(image);
			if (bytes == null)
				throw new DiskException(MISSING, image + " is not there");
			open.incrementAndGet();
			return new Connection() {
				private boolean closed;

				@Override
				public long length() {
					return bytes.length;
				}

				@Override
				public void read(long offset, ByteBuffer target) {
					target.put(bytes, (int) offset, target.remaining());
				}

				@Override
				public void write(long offset, ByteBuffer source) {
					source.get(bytes, (int) offset, source.remaining());
				}

				@Override
				public void flush() {}

				@Override
				public void close() {
					if (!closed)
						open.decrementAndGet();
					closed = true;
				}
			};
		}
	}

	private GuestDrive remote(String machine, String uri, DiskFormat by) throws DiskException {
		return bench.images.open(machine,
				new vmhi.api.machine.MachineSpec.Disk("root", uri, by == format ? "plain" : "link", false), null,
				bench.owner);
	}

	@Test
	void imageBehindATransportIsADiskLikeAnyOther() throws Exception {
		Memory memory = new Memory();
		bench.add(bench.plugins.transports(), "transport:mem", "1.0.0", memory);
		memory.images.put(URI.create("mem://a/disk"), new byte[4096]);
		GuestDrive drive = remote("web", "mem://a/disk", format);
		Drive view = Bench.view(drive);
		Asked.write(10, new byte[] { 1, 2, 3 }).of(view).ok();
		assertEquals(LOCKED,
				assertThrows(DiskException.class, () -> remote("db", "mem://a/disk", format)).kind());
		assertEquals(MISSING,
				assertThrows(DiskException.class, () -> remote("db", "mem://a/other", format)).kind());

		// its bundle may be exchanged as well
		Memory next = new Memory();
		next.images.putAll(memory.images);
		bench.remove(memory);
		assertEquals(0, memory.open.get());
		assertFalse(drive.serving().present());
		bench.add(bench.plugins.transports(), "transport:mem", "1.1.0", next);
		assertArrayEquals(new byte[] { 1, 2, 3 }, Asked.bytes(view, 10, 3));
		drive.close();
		assertEquals(0, next.open.get());
		remote("db", "mem://a/disk", format).close();
	}

	@Test
	void imageBehindATransportNamesNoFiles() throws Exception {
		Memory memory = new Memory();
		bench.add(bench.plugins.transports(), "transport:mem", "1.0.0", memory);
		LinkFormat link = new LinkFormat();
		bench.add("link", "1.0.0", link);
		for (String content : List.of("LINK\nB\n/etc/passwd\nplain\n", "LINK\nE\n/etc/passwd\n\n")) {
			memory.images.put(URI.create("mem://a/top"), content.getBytes());
			assertEquals(FORBIDDEN,
					assertThrows(DiskException.class, () -> remote("web", "mem://a/top", link)).kind());
		}
		assertEquals(0, memory.open.get());
	}
}
