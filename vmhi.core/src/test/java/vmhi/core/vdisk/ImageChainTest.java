package vmhi.core.vdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.vdisk.DiskException.Kind.CORRUPT;
import static vmhi.api.vdisk.DiskException.Kind.FORBIDDEN;
import static vmhi.api.vdisk.DiskException.Kind.LOCKED;
import static vmhi.api.vdisk.DiskException.Kind.MISSING;
import static vmhi.api.vdisk.DiskException.Kind.READ_ONLY;
import static vmhi.api.vdisk.DiskException.Kind.UNSUPPORTED;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.vdisk.DiskException;
import vmhi.api.vdisk.Storage;
import vmhi.tck.vdisk.InMemoryStorage;

/** Where the names in images may lead. */
@Timeout(60)
class ImageChainTest {

	@TempDir
	Path top;

	private Path folder;
	private Path outside;
	private Path root;
	private Bench bench;

	@BeforeEach
	void folders() throws Exception {
		top = top.toRealPath();
		folder = Files.createDirectory(top.resolve("images"));
		outside = Files.createDirectory(top.resolve("outside"));
		root = Files.createDirectory(top.resolve("root"));
		bench = new Bench(folder, root);
		bench.add("raw", "1.0.0", new PlainFormat());
		bench.add("link", "1.0.0", new LinkFormat());
		for (Path path : new Path[] { folder, outside, root })
			Files.write(path.resolve("base.img"), new byte[] { 1, 2, 3, 4 });
	}

	@AfterEach
	void end() {
		bench.close();
	}

	private Path link(String image, char kind, String name, String format) throws Exception {
		Path path = folder.resolve(image);
		LinkFormat.write(path, kind, name, format);
		return path;
	}

	private GuestDrive open(Path image) throws DiskException {
		return bench.open("web", image, "link", false, null);
	}

	private DiskException refusal(Path image) {
		return assertThrows(DiskException.class, () -> open(image).close());
	}

	@ParameterizedTest
	@ValueSource(strings = { "base.img", "./base.img", "below/../base.img", "$FOLDER/base.img", "$ROOT/base.img",
			"../root/base.img", "to-root.img" })
	void namesThatStayWithinAreFollowed(String name) throws Exception {
		Files.createDirectory(folder.resolve("below"));
		Files.createSymbolicLink(folder.resolve("to-root.img"), root.resolve("base.img"));
		String full = name.replace("$FOLDER", folder.toString()).replace("$ROOT", root.toString());
		try (GuestDrive drive = open(link("top", 'B', full, "raw"))) {
			assertArrayEquals(new byte[] { 2, 3 }, Asked.bytes(Bench.view(drive), 1, 2));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "../outside/base.img", "$OUTSIDE/base.img", "/etc/passwd", "to-outside.img",
			"folder-outside/base.img", "json:{\"driver\":\"raw\"}", "nbd://host/x", "nbd:host:1", "file:base.img",
			"fat:/etc", "" })
	void namesThatLeadOutsideAreRefused(String name) throws Exception {
		Files.createSymbolicLink(folder.resolve("to-outside.img"), outside.resolve("base.img"));
		Files.createSymbolicLink(folder.resolve("folder-outside"), outside);
		String full = name.replace("$OUTSIDE", outside.toString());
		for (char kind : new char[] { 'B', 'E', 'C' })
			assertEquals(FORBIDDEN, refusal(link("top", kind, full, "raw")).kind(), name);
	}

	@Test
	void nothingIsMadeOutside() throws Exception {
		Files.createSymbolicLink(folder.resolve("dangling"), outside.resolve("new.img"));
		assertEquals(MISSING, refusal(link("top", 'C', "dangling", "")).kind());
		assertEquals(FORBIDDEN, refusal(link("top", 'C', "../outside/new.img", "")).kind());
		assertEquals(FORBIDDEN, refusal(link("top", 'C', "..", "")).kind());
		assertFalse(Files.exists(outside.resolve("new.img")));
	}

	@Test
	void missingBackingFileIsNamed() throws Exception {
		DiskException e = refusal(link("top", 'B', "none.img", "raw"));
		assertEquals(MISSING, e.kind());
		assertTrue(e.getMessage().contains("none.img"), e.getMessage());
	}

	@Test
	void aLoopIsFoundByTheFileAndNotByItsName() throws Exception {
		link("a", 'B', "b", "link");
		Files.createLink(folder.resolve("again"), folder.resolve("a"));
		link("b", 'B', "again", "link");
		DiskException e = refusal(folder.resolve("a"));
		assertEquals(CORRUPT, e.kind());
		assertTrue(e.getMessage().contains("loop"), e.getMessage());
		assertEquals(CORRUPT, refusal(link("self", 'E', "self", "")).kind());
	}

	@Test
	void aChainHasAnEnd() throws Exception {
		link("image0", 'B', "base.img", "raw");
		for (int i = 1; i < 40; i++)
			link("image" + i, 'B', "image" + (i - 1), "link");

		try (GuestDrive drive = open(folder.resolve("image31"))) { // and base.img is the 32nd below
			assertEquals(4, Bench.view(drive).size());
		}
		assertEquals(UNSUPPORTED, refusal(folder.resolve("image32")).kind());
		assertEquals(UNSUPPORTED, refusal(folder.resolve("image39")).kind());
	}

	@Test
	void backingFileIsForReadingAndIsShared() throws Exception {
		try (GuestDrive one = open(link("one", 'B', "base.img", "raw"));
				GuestDrive other = bench.open("db", link("other", 'B', "base.img", "raw"), "link", false, null)) {
			assertEquals(READ_ONLY, Asked.write(0, new byte[1]).of(Bench.view(one)).failure().kind());
			assertArrayEquals(new byte[] { 1 }, Asked.bytes(Bench.view(other), 0, 1));
			assertEquals(LOCKED, assertThrows(DiskException.class,
					() -> bench.open("third", folder.resolve("base.img"), "raw", false, null)).kind());
		}
		bench.open("third", folder.resolve("base.img"), "raw", false, null).close();
	}

	@Test
	void formatOfABackingFileIsNeverTakenForRaw() throws Exception {
		DiskException e = refusal(link("top", 'B', "base.img", ""));
		assertEquals(UNSUPPORTED, e.kind());
		assertTrue(e.getMessage().contains("does not say in what format"), e.getMessage());

		link("middle", 'B', "base.img", "raw");
		open(link("top", 'B', "middle", "")).close(); // that one has a signature
		bench.add("liar", "1.0.0", new PlainFormat()); // says yes to everything
		assertEquals(UNSUPPORTED, refusal(folder.resolve("top")).kind());
	}

	@Test
	void twoVersionsOfAFormatAreOneFormat() throws Exception {
		link("middle", 'B', "base.img", "raw");
		bench.add("link", "1.1.0", new LinkFormat());
		open(link("top", 'B', "middle", "")).close();
	}

	@Test
	void extentIsForWritingAndIsMadeIfAsked() throws Exception {
		try (GuestDrive drive = open(link("top", 'E', "base.img", ""))) {
			Asked.write(0, new byte[] { 9 }).of(Bench.view(drive)).ok();
		}
		assertEquals(9, Files.readAllBytes(folder.resolve("base.img"))[0]);

		assertEquals(MISSING, refusal(link("top", 'E', "new.img", "")).kind());
		open(link("top", 'C', "new.img", "")).close();
		assertTrue(Files.exists(folder.resolve("new.img")));
	}

	@Test
	void nothingIsMadeForAnImageThatIsForReading() throws Exception {
		Path image = link("top", 'C', "new.img", "");
		assertThrows(DiskException.class, () -> bench.open("web", image, "link", true, null));
		assertFalse(Files.exists(folder.resolve("new.img")));
	}

	@Test
	void readsBeyondABackingFileDoNotReachItsFormat() throws Exception {
		BackingDisk disk = new BackingDisk(new PlainFormat().open(inMemory()), "base");
		assertEquals(CORRUPT, assertThrows(DiskException.class, () -> disk.read(3, ByteBuffer.allocate(2))).kind());
		assertEquals(CORRUPT, assertThrows(DiskException.class, () -> disk.read(-1, ByteBuffer.allocate(2))).kind());
		disk.read(2, ByteBuffer.allocate(2));
		assertEquals(2, disk.extent(2, 100).length());
	}

	private static Storage inMemory() throws DiskException {
		Storage storage = new InMemoryStorage();
		storage.length(4);
		return storage;
	}

	@Test
	void whatFailedToOpenIsNotLocked() throws Exception {
		Path image = link("top", 'B', "none.img", "raw");
		refusal(image);
		Files.write(folder.resolve("none.img"), new byte[1]);
		open(image).close();
	}
}
