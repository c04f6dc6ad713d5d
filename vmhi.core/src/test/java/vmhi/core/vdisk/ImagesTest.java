package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.machine.MachineSpec;
import vmhi.api.vdisk.DiskCreator;
import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.DiskException.Kind;
import vmhi.api.vdisk.Storage;
import vmhi.api.vdisk.VirtualDisk;
import vmhi.core.plugin.PluginServices;
import vmhi.core.plugin.Pools;

/** {@link Images} and {@link ImageChain}: where names lead, and how images are made. */
@Timeout(60)
class ImagesTest {

	/** An image whose first byte is 'c' names its backing file in the rest. */
	private static final class ChainFormat extends ScriptedFormat {
		@Override
		public boolean recognises(Storage image) {
			try {
				ByteBuffer first = ByteBuffer.allocate(1);
				image.read(0, first);
				if (first.get(0) == 'x')
					throw new IllegalStateException("a mistake");
				return first.get(0) == 'c';
			} catch (DiskException e) {
				return false;
			}
		}

		@Override
		public VirtualDisk open(Storage image) throws DiskException {
			byte[] content = new byte[(int) image.length()];
			image.read(0, ByteBuffer.wrap(content));
			if (content[0] != 'c')
				return super.open(image);
			VirtualDisk backing = image.backing(new String(content, 1, content.length - 1), "chain");
			VirtualDisk disk = super.open(image);
			return new VirtualDisk() {
				@Override
				public long size() {
					return disk.size();
				}

				@Override
				public void read(long offset, ByteBuffer target) throws DiskException {
					disk.read(offset, target);
				}

				@Override
				public void write(long offset, ByteBuffer source) throws DiskException {
					disk.write(offset, source);
				}

				@Override
				public void flush() throws DiskException {
					disk.flush();
				}

				@Override
				public void close() throws DiskException {
					disk.close();
					backing.close();
				}
			};
		}
	}

	/** Makes images, or fails to. */
	private static final class MakingFormat extends ScriptedFormat implements DiskCreator {
		@Override
		public void create(Storage image, long size, Map<String, String> options) throws DiskException {
			image.length(size);
			switch (options.getOrDefault("fail", "")) {
				case "disk" -> throw new DiskException(Kind.UNSUPPORTED, "no such option");
				case "mistake" -> throw new IllegalStateException("a mistake");
				default -> image.write(0, ByteBuffer.wrap(new byte[] { 'M' }));
			}
		}
	}

	@TempDir
	private Path top;
	private Path folder;
	private Path root;
	private final PluginServices plugins = new PluginServices();
	private final ChainFormat format = new ChainFormat();
	private Images images;

	@BeforeEach
	void open() throws IOException {
		folder = Files.createDirectory(top.resolve("images")).toRealPath();
		root = Files.createDirectory(top.resolve("root"));
		Files.createSymbolicLink(top.resolve("rootlink"), root);
		images = new Images(plugins, List.of(top.resolve("rootlink")), new DriveTimes(30_000, 1, 10_000, 5_000));
		Pools.add(plugins.formats(), "disk:chain", "1.0.0", format);
		Pools.add(plugins.formats(), "disk:making", "1.0.0", new MakingFormat());
		Files.writeString(top.resolve("secret"), "secret");
		Files.writeString(folder.resolve("base"), "base");
		Files.createSymbolicLink(folder.resolve("out"), top.resolve("secret"));
		Files.createSymbolicLink(folder.resolve("outside"), top);
		Files.createSymbolicLink(folder.resolve("alias"), folder.resolve("base"));
		Files.createSymbolicLink(folder.resolve("dangling"), top.resolve("nothing"));
		Files.writeString(root.resolve("shared"), "shared");
	}

	@AfterEach
	void close() {
		images.stop();
	}

	private FileStorage image(String name, String content) throws IOException {
		Path path = folder.resolve(name);
		Files.writeString(path, content);
		return FileStorage.open(path, true, new ImageChain(images, "m", List.of(root.toRealPath()), Set.of()));
	}

	private static DiskException refused(Kind kind, Executable call) {
		DiskException e = assertThrows(DiskException.class, call);
		assertEquals(kind, e.kind(), e.getMessage());
		return e;
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "..", "../secret", "../images/../secret", "/etc/passwd", "out", "outside/secret", "json:{}",
					"json:{\"file\": \"/etc/passwd\"}", "file:///etc/passwd", "nbd://host/x", "http://host/x", "/",
					"../imagesnot", "a\u0000b" })
	void aNameThatLeadsOutOfTheFolderIsForbidden(String name) throws Exception {
		try (FileStorage storage = image("disk", "x")) {
			refused(Kind.FORBIDDEN, () -> storage.backing(name, "chain"));
			refused(Kind.FORBIDDEN, () -> storage.extent(name, false));
			refused(Kind.FORBIDDEN, () -> storage.extent(name, true));
		}
		assertEquals("secret", Files.readString(top.resolve("secret")));
		assertFalse(Files.exists(top.resolve("imagesnot")));
	}

	@Test
	void aNameThatDanglesMakesNothing() throws Exception {
		try (FileStorage storage = image("disk", "x")) {
			refused(Kind.MISSING, () -> storage.extent("dangling", true));
			refused(Kind.MISSING, () -> storage.backing("no such file", "chain"));
			refused(Kind.MISSING, () -> storage.backing("no such folder/file", "chain"));
		}
		assertFalse(Files.exists(top.resolve("nothing")));
	}

	@Test
	void aNameInTheFolderOrARootIsOpenedForReading() throws Exception {
		try (FileStorage storage = image("disk", "x")) {
			for (String name : List.of("base", "./base", "alias", "sub/../base", folder + "/base",
					root.toRealPath() + "/shared", "../root/shared"))
				try (VirtualDisk disk = storage.backing(name, "chain")) {
					assertTrue(disk.size() > 3, name);
					refused(Kind.READ_ONLY, () -> disk.write(0, ByteBuffer.allocate(1)));
				}
		}
	}

	@Test
	void aRootMayBeALink() throws Exception {
		Files.writeString(folder.resolve("disk"), "c../root/shared");
		GuestDrive drive = images.open("m", new MachineSpec.Disk("d",
				folder.resolve("disk").toString(), "chain", false), null, new SilentOwner());
		drive.close();
		assertEquals(0, format.open.get());
	}

	@Test
	void aChainThatComesBackOnItselfIsCorrupt() throws Exception {
		Files.writeString(folder.resolve("a"), "cb");
		Files.writeString(folder.resolve("b"), "cc");
		Files.createSymbolicLink(folder.resolve("c"), folder.resolve("b"));
		assertTrue(refused(Kind.CORRUPT, () -> open("a")).getMessage().contains("its own backing file"));
		assertEquals(0, format.open.get());
		for (String name : List.of("a", "b"))
			TestImages.assertFree(folder.resolve(name));
	}

	@Test
	void aChainThatIsTooDeepIsRefusedAndClosed() throws Exception {
		for (int i = 0; i < 40; i++)
			Files.writeString(folder.resolve("n" + i), "cn" + (i + 1));
		Files.writeString(folder.resolve("n40"), "end");
		assertTrue(refused(Kind.UNSUPPORTED, () -> open("n0")).getMessage().contains("32 images"));
		for (int i = 0; i <= 40; i++)
			TestImages.assertFree(folder.resolve("n" + i));
		open("n10").close();
	}

	private GuestDrive open(String name) throws DiskException {
		return images.open("m", new MachineSpec.Disk("d", folder.resolve(name).toString(), "chain",
				false), null, new SilentOwner());
	}

	@Test
	void aBackingFileWithoutAFormatIsFoundOutOrRefusedButNeverRaw() throws Exception {
		try (FileStorage storage = image("disk", "x")) {
			Files.writeString(folder.resolve("chained"), "cbase");
			// the making format says yes to everything, so that two formats claim it
			assertTrue(refused(Kind.UNSUPPORTED, () -> storage.backing("chained", "")).getMessage().contains("raw"));
			Files.writeString(folder.resolve("breaks"), "x");
			refused(Kind.IO, () -> storage.backing("breaks", ""));
			refused(Kind.UNSUPPORTED, () -> storage.backing("base", "nosuch"));
		}
		for (String name : List.of("chained", "breaks", "base"))
			TestImages.assertFree(folder.resolve(name));
	}

	@Test
	void anImageIsMadeAndAppearsComplete() throws Exception {
		images.create(folder.resolve("new"), "making", 4096, Map.of());
		assertEquals('M', Files.readAllBytes(folder.resolve("new"))[0]);
		assertEquals(4096, Files.size(folder.resolve("new")));
		refused(Kind.FORBIDDEN, () -> images.create(folder.resolve("new"), "making", 1, Map.of()));
		TestImages.assertFree(folder.resolve("new"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "disk", "mistake" })
	void anImageThatCannotBeMadeLeavesNothing(String failure) throws Exception {
		List<Path> before = files();
		assertThrows(DiskException.class,
				() -> images.create(folder.resolve("new"), "making", 4096, Map.of("fail", failure)));
		assertEquals(before, files());
		images.create(folder.resolve("new"), "making", 4096, Map.of());
	}

	@Test
	void whatCannotBeMadeIsSaid() throws Exception {
		List<Path> before = files();
		refused(Kind.UNSUPPORTED, () -> images.create(folder.resolve("new"), "nosuch", 1, Map.of()));
		refused(Kind.UNSUPPORTED, () -> images.create(folder.resolve("new"), "chain", 1, Map.of()));
		refused(Kind.UNSUPPORTED, () -> images.create(folder.resolve("new"), "making", 0, Map.of()));
		refused(Kind.UNSUPPORTED, () -> images.create(folder.resolve("new"), "making", -1, Map.of()));
		refused(Kind.IO, () -> images.create(folder.resolve("no/such/folder"), "making", 1, Map.of()));
		assertEquals(before, files());
		Files.createFile(folder.resolve(".new.new"));
		refused(Kind.LOCKED, () -> images.create(folder.resolve("new"), "making", 1, Map.of()));
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> files = Files.list(folder)) {
			return files.sorted().toList();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "nbd://host/export", "file:///no/such/file", "file:relative", "file://host/x", "a\u0000b",
			"" })
	void aPathThatLeadsNowhereIsRefusedInALine(String path) {
		DiskException e = assertThrows(DiskException.class,
				() -> images.open("m", new MachineSpec.Disk("d", path, "chain", false), null,
						new SilentOwner()));
		assertFalse(e.getMessage().contains("\n"));
	}

	private static final class SilentOwner implements DriveOwner {
		@Override
		public void waiting(String drive, String reason) {
			// nobody asks
		}

		@Override
		public void back(String drive) {
			// nobody asks
		}

		@Override
		public void report(String type, Map<String, String> data) {
			// nobody asks
		}
	}
}
