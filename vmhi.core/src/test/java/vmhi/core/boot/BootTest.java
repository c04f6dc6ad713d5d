package vmhi.core.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Protocol;
import vmhi.guest.Guests;
import vmhi.tck.memory.TestMemory;

@Timeout(120)
class BootTest {
	private static final int MIB = 1 << 20;
	private static final int START_INFO_MAGIC = 0x336e_c578;

	@TempDir
	private Path folder;
	private TestMemory memory = new TestMemory(16 * MIB);
	private Path kernel;
	private Path initrd;

	@BeforeEach
	void writeInitrd() throws IOException {
		kernel = folder.resolve("kernel");
		initrd = folder.resolve("initrd");
		byte[] disk = new byte[5000];
		Arrays.fill(disk, (byte) 0x5a);
		Files.write(initrd, disk);
	}

	private CpuState load(Protocol protocol, byte[] image) throws Exception {
		return load(protocol, image, "", "a=b ü", MIB);
	}

	private CpuState load(Protocol protocol, byte[] image, String disk, String commandLine, long address)
			throws Exception {
		Files.write(kernel, image);
		return Boot.load(memory, new MemoryMap(memory),
				new MachineSpec.Boot(protocol, kernel.toString(), disk, commandLine, address));
	}

	private byte[] ram(long gpa, int length) {
		byte[] bytes = new byte[length];
		assertTrue(memory.read(gpa, ByteBuffer.wrap(bytes)));
		return bytes;
	}

	private static ByteBuffer little(byte[] bytes) {
		return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "hello", "compute", "hypercall" })
	void aFlatImageIsEnteredAtItsFirstByteIn64BitMode(String guest) throws Exception {
		byte[] image = Guests.image(guest);
		CpuState state = load(Protocol.FLAT, image, initrd.toString(), "x", 2 * MIB);
		assertArrayEquals(image, ram(2 * MIB, image.length));
		assertEquals(2 * MIB, state.general().rip());
		long info = state.general().registers()[VcpuContext.RBX];
		assertEquals(START_INFO_MAGIC, memory.getInt(info));
		assertEquals('x', memory.getShort(memory.getLong(info + 24)));
		assertEquals(1, memory.getInt(info + 12));
		long module = memory.getLong(memory.getLong(info + 16));
		assertEquals(5000, memory.getLong(memory.getLong(info + 16) + 8));
		assertEquals(0x5a5a5a5a, memory.getInt(module + 4996));
		assertEquals(0x500, state.system().efer());
		assertIdentityMapped(state.system().cr3());
	}

	/** The first 4 GiB are mapped one to one, in pages of 2 MiB. */
	private void assertIdentityMapped(long cr3) {
		for (long address = 0; address < 1L << 32; address += 2 << 20) {
			long pdpt = memory.getLong(cr3) & -4096;
			long directory = memory.getLong(pdpt + 8 * (address >> 30)) & -4096;
			assertEquals(address | 0x83, memory.getLong(directory + 8 * (address >> 21 & 511)));
		}
	}

	@Test
	void anElfIsEnteredAtItsPvhNoteInProtectedMode() throws Exception {
		byte[] image = Guests.image("hello-pvh");
		for (Protocol protocol : new Protocol[] { Protocol.AUTO, Protocol.PVH }) {
			memory = new TestMemory(16 * MIB);
			CpuState state = load(protocol, image, initrd.toString(), "a=b ü", 0);
			ByteBuffer elf = little(image);
			long header = elf.getLong(32);
			for (int i = 0; i < elf.getShort(56); i++) {
				int at = (int) header + 56 * i;
				if (elf.getInt(at) == 1)
					assertArrayEquals(
							Arrays.copyOfRange(image, (int) elf.getLong(at + 8),
									(int) (elf.getLong(at + 8) + elf.getLong(at + 32))),
							ram(elf.getLong(at + 24), (int) elf.getLong(at + 32)));
			}
			assertTrue(memory.contains(state.general().rip(), 1) && state.general().rip() >= MIB);
			assertEquals(0, state.system().cr0() >>> 31, "no paging");
			long info = state.general().registers()[VcpuContext.RBX];
			assertEquals(START_INFO_MAGIC, memory.getInt(info));
			assertEquals(1, memory.getInt(info + 4));
			assertEquals(3, memory.getInt(info + 48), "ranges of the memory map");
			assertArrayEquals("a=b ü\0".getBytes("UTF-8"), ram(memory.getLong(info + 24), 7));
		}
	}

	@Test
	void aBzImageIsEnteredAtIts64BitEntryWithAZeroPage() throws Exception {
		byte[] image = Guests.image("hello-bzimage");
		for (Protocol protocol : new Protocol[] { Protocol.AUTO, Protocol.LINUX }) {
			memory = new TestMemory(16 * MIB);
			CpuState state = load(protocol, image, initrd.toString(), "quiet", 0);
			int setup = (image[0x1f1] == 0 ? 5 : image[0x1f1] + 1) * 512;
			long base = state.general().rip() - 0x200;
			assertArrayEquals(Arrays.copyOfRange(image, setup, image.length), ram(base, image.length - setup));
			long page = state.general().registers()[VcpuContext.RSI];
			assertEquals(0x5372_6448, memory.getInt(page + 0x202));
			assertEquals(0xff, memory.getByte(page + 0x210));
			assertEquals(3, memory.getByte(page + 0x1e8));
			assertEquals("quiet", new String(ram(memory.getInt(page + 0x228), 5)));
			assertEquals(0, memory.getByte(memory.getInt(page + 0x228) + 5));
			assertEquals(5000, memory.getInt(page + 0x21c));
			assertEquals(0x5a, memory.getByte(memory.getInt(page + 0x218)));
		}
	}

	@ParameterizedTest
	@CsvSource({ "0x236, 2, 0", "0x206, 2, 0x20b" })
	void aBzImageWithoutA64BitEntryIsEnteredIn32BitMode(String at, int size, String value) throws Exception {
		byte[] image = spoiled("hello-bzimage", Integer.decode(at), size, Long.decode(value));
		CpuState state = load(Protocol.LINUX, image, initrd.toString(), "quiet", 0);
		int setup = (image[0x1f1] == 0 ? 5 : image[0x1f1] + 1) * 512;
		long base = state.general().rip();
		assertArrayEquals(Arrays.copyOfRange(image, setup, image.length), ram(base, image.length - setup));
		assertEquals(base, memory.getInt(0x7000 + 0x214), "code32_start");
		assertEquals(0x7000, state.general().registers()[VcpuContext.RSI]);
		for (int register : new int[] { VcpuContext.RBX, VcpuContext.RBP, VcpuContext.RDI })
			assertEquals(0, state.general().registers()[register]);
		assertEquals(0x11, state.system().cr0());
		assertEquals(0x10, state.system().cs().selector());
		assertEquals(0xc9b, state.system().cs().attributes());
		assertEquals(0x18, state.system().ss().selector());
		assertEquals(5000, memory.getInt(0x7000 + 0x21c));
	}

	@Test
	void aBzImageWithRealModeCodeAloneIsEnteredThere() throws Exception {
		byte[] image = spoiled("hello-bzimage", 0x236, 2, 0);
		ByteBuffer.wrap(image).putInt(0x214, 0); // code32_start
		CpuState state = load(Protocol.AUTO, image, initrd.toString(), "quiet", 0);
		long segment = state.system().ds().base();
		assertEquals(segment + 0x200, state.system().cs().base() + state.general().rip());
		assertEquals(0, state.general().rip());
		assertEquals(segment >> 4, state.system().ss().selector());
		assertEquals(state.system().cs().base() >> 4, state.system().cs().selector());
		assertEquals(0x10, state.system().cr0());
		assertEquals(0xffff, state.system().cs().limit());
		assertArrayEquals(Arrays.copyOfRange(image, 0, 0x1f1), ram(segment, 0x1f1));
		assertEquals(0xff, memory.getByte(segment + 0x210));
		assertEquals(0x80 | image[0x211], memory.getByte(segment + 0x211));
		assertEquals("quiet", new String(ram(memory.getInt(segment + 0x228), 5)));
		assertEquals(0x5a, memory.getByte(memory.getInt(segment + 0x218)));
		assertEquals(state.general().registers()[VcpuContext.RSP] - 0x200, memory.getShort(segment + 0x224));
		int video = memory.getInt(4 * 0x10);
		assertEquals(0x0efc80, memory.getInt(video) & 0xffffff, "cmp ah, 0x0e");
		for (int vector = 0; vector < 256; vector++)
			assertEquals(vector == 0x10 ? 0x80 : 0xcf, memory.getByte(memory.getInt(4 * vector)), "or IRET");
		assertEquals(639, memory.getShort(0x413));
	}

	@Test
	void whatAnOldHeaderDoesNotHaveIsNotLookedAt() throws Exception {
		byte[] image = spoiled("hello-bzimage", 0x206, 2, 0x202);
		Arrays.fill(image, 0x22c, 0x268, (byte) 0xff);
		CpuState state = load(Protocol.LINUX, image, initrd.toString(), "x".repeat(255), 0);
		assertEquals(MIB, state.general().rip());
		assertTrue(memory.getInt(0x7000 + 0x218) > MIB);
		assertTrue(assertThrows(MachineException.class,
				() -> load(Protocol.LINUX, image, initrd.toString(), "x".repeat(256), 0))
				.getMessage().contains("at most 255 bytes"));
	}

	/** The refusal is one line that names the file and has this in it. */
	private void refused(String part, Protocol protocol, byte[] image) {
		MachineException e = assertThrows(MachineException.class, () -> load(protocol, image));
		assertTrue(e.getMessage().contains(kernel.toString()), e.getMessage());
		assertTrue(e.getMessage().contains(part), e.getMessage());
		assertFalse(e.getMessage().contains("\n"));
		assertEquals(Kind.INVALID, e.kind());
	}

	private static byte[] spoiled(String guest, int at, int size, long value) {
		byte[] image = Guests.image(guest);
		for (int i = 0; i < size; i++)
			image[at + i] = (byte) (value >>> 8 * i);
		return image;
	}

	@ParameterizedTest
	@CsvSource({ "0, 1, 0, not an ELF", "4, 1, 1, not an ELF for x86-64", "5, 1, 2, not an ELF for x86-64",
			"18, 2, 40, not an ELF for x86-64", "56, 2, 0, 0 program headers", "56, 2, 65535, 65535 program headers",
			"54, 2, 32, program headers", "32, 8, -1, cut off", "32, 8, 0x7fffffffffffffff, cut off",
			"32, 8, 0x100000, cut off" })
	void aSpoiledElfHeaderIsNamed(int at, int size, String value, String part) {
		refused(part, Protocol.PVH, spoiled("hello-pvh", at, size, Long.decode(value)));
	}

	@ParameterizedTest
	@CsvSource({ "8, -1, cut off", "8, 0x7fffffffffffffff, cut off", "32, -1, cut off",
			"32, 0x7fffffffffffffff, cut off", "24, 0, does not fit", "24, -4096, does not fit",
			"24, 0xfff000, does not fit", "24, 0x7fffffffffffffff, does not fit",
			"40, 0x7fffffffffffffff, does not fit",
			"40, -1, does not fit", "40, 1, does not fit" })
	void aSpoiledSegmentIsNamed(int field, String value, String part) {
		ByteBuffer elf = little(Guests.image("hello-pvh"));
		int load = (int) elf.getLong(32);
		while (elf.getInt(load) != 1 || elf.getLong(load + 32) < 2)
			load += 56;
		refused(part, Protocol.PVH, spoiled("hello-pvh", load + field, 8, Long.decode(value)));
	}

	@Test
	void anElfWithoutAPvhNoteIsRefused() {
		byte[] image = Guests.image("hello-pvh");
		ByteBuffer elf = little(image);
		for (int i = 0; i < elf.getShort(56); i++)
			if (elf.getInt((int) elf.getLong(32) + 56 * i) == 4)
				elf.putInt((int) elf.getLong(32) + 56 * i, 0);
		refused("no PVH entry", Protocol.PVH, image);
	}

	@ParameterizedTest
	@CsvSource({ "0x202, 4, 0, not a Linux bzImage", "0x1fe, 2, 0, not a Linux bzImage",
			"0x206, 2, 0x201, boot protocol 2.01", "0x211, 1, 0, zImage",
			"0x238, 4, 1, command line of at most 1 bytes",
			"0x1f1, 1, 255, cut off", "0x260, 4, -1, more than the machine has" })
	void aSpoiledBzImageHeaderIsNamed(String at, int size, String value, String part) {
		refused(part, Protocol.LINUX, spoiled("hello-bzimage", Integer.decode(at), size, Long.decode(value)));
	}

	@Test
	void whatIsNoKernelIsRefused() throws Exception {
		for (byte[] image : new byte[][] { {}, { 1 }, new byte[100], Guests.image("hello") })
			refused("neither", Protocol.AUTO, image);
		refused("empty", Protocol.FLAT, new byte[0]);
		for (long address : new long[] { 0, 0x9fc00, MIB - 1, 16 * MIB, 16 * MIB - 1, -1, Long.MAX_VALUE,
				Long.MIN_VALUE })
			assertTrue(assertThrows(MachineException.class, () -> load(Protocol.FLAT, new byte[2], "", "", address))
					.getMessage().contains("does not fit"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "no such file", ".", "a\u0000b" })
	void aKernelThatIsNotThereIsRefusedInALine(String name) {
		MachineException e = assertThrows(MachineException.class, () -> Boot.load(memory, new MemoryMap(memory),
				new MachineSpec.Boot(Protocol.AUTO, name, "", "", 0)));
		assertFalse(e.getMessage().contains("\n"));
	}

	@Test
	void anInitrdThatIsNotThereOrDoesNotFitIsNamed() throws Exception {
		String missing = folder.resolve("none").toString();
		for (Protocol protocol : new Protocol[] { Protocol.PVH, Protocol.LINUX }) {
			byte[] image = Guests.image(protocol == Protocol.PVH ? "hello-pvh" : "hello-bzimage");
			assertTrue(assertThrows(MachineException.class, () -> load(protocol, image, missing, "", 0)).getMessage()
					.contains("initrd " + missing));
			Files.write(initrd, new byte[0]);
			assertTrue(assertThrows(MachineException.class, () -> load(protocol, image, initrd.toString(), "", 0))
					.getMessage().contains("is empty"));
			Files.write(initrd, new byte[15 * MIB + 1]);
			assertTrue(assertThrows(MachineException.class, () -> load(protocol, image, initrd.toString(), "", 0))
					.getMessage().contains("enough memory"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "hello-pvh", "hello-bzimage" })
	void anInitrdNeverLiesOverTheKernel(String guest) throws Exception {
		byte[] image = Guests.image(guest);
		for (int pages : new int[] { 3000, 3800, 3830, 3838, 3839, 3840 }) {
			memory = new TestMemory(16 * MIB);
			byte[] disk = new byte[pages * 4096];
			Arrays.fill(disk, (byte) 0x77);
			Files.write(initrd, disk);
			try {
				CpuState state = load(Protocol.AUTO, image, initrd.toString(), "", 0);
				assertFalse(memory.getInt(state.general().rip()) == 0x77777777, pages + " pages");
			} catch (MachineException e) {
				assertTrue(e.getMessage().contains("memor"), e.getMessage());
			}
		}
	}

	@Test
	void aCommandLineThatIsTooLongIsRefused() throws Exception {
		byte[] image = Guests.image("hello-pvh");
		load(Protocol.PVH, image, "", "x".repeat(2047), 0);
		assertTrue(assertThrows(MachineException.class, () -> load(Protocol.PVH, image, "", "ü".repeat(1024), 0))
				.getMessage().contains("boot.commandLine has 2048 bytes"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "hello-pvh", "hello-bzimage" })
	void noMutationOfAKernelThrowsAnythingButARefusal(String guest) throws Exception {
		byte[] original = Guests.image(guest);
		Random random = new Random(12);
		int refusals = 0;
		memory = new TestMemory(2 * MIB + 4096); // less to clear for segments that became large
		load(Protocol.AUTO, original);
		int header = Math.min(original.length, guest.equals("hello-pvh") ? 512 : 0x270);
		for (int i = 0; i < 10_000; i++) {
			byte[] image = random.nextInt(20) == 0 ? Arrays.copyOf(original, random.nextInt(original.length))
					: original.clone();
			for (int j = random.nextInt(4); j >= 0 && image.length > 0; j--) {
				int at = random.nextInt(Math.min(image.length, header));
				int size = 1 << random.nextInt(4);
				long value = switch (random.nextInt(4)) {
					case 0 -> -1;
					case 1 -> 0;
					case 2 -> 1L << random.nextInt(64);
					default -> random.nextLong();
				};
				for (int k = 0; k < size && at + k < image.length; k++)
					image[at + k] = (byte) (value >>> 8 * k);
			}
			try {
				load(random.nextBoolean() ? Protocol.AUTO : guest.equals("hello-pvh") ? Protocol.PVH : Protocol.LINUX,
						image);
			} catch (MachineException e) {
				assertFalse(e.getMessage().contains("\n"));
				refusals++;
			}
		}
		assertTrue(refusals > 1000, refusals + " refusals");
	}
}
