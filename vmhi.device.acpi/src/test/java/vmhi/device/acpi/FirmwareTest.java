package vmhi.device.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.BootContributor;
import vmhi.api.device.BootMap;
import vmhi.api.device.Device;
import vmhi.api.device.DeviceException;
import vmhi.api.device.IoHandler;
import vmhi.tck.device.MapSettings;
import vmhi.tck.device.TestBoard;

/** The tables as an operating system, and as the reference compiler, reads them. */
class FirmwareTest {
	private static final IoHandler SOMEBODY = new IoHandler() {
		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return 0;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			// all the same
		}
	};

	private final TestBoard board = new TestBoard();
	private final Notes map = new Notes();
	private Device device;

	/** What the core would have noted. */
	private static final class Notes implements BootMap {
		final List<String> kept = new ArrayList<>();
		long root;

		@Override
		public void reserve(long gpa, long length, int type) {
			kept.add("%#x+%#x %d".formatted(gpa, length, type));
		}

		@Override
		public long place(long length, long alignment, long below, int type) {
			throw new AssertionError("nothing has to be placed");
		}

		@Override
		public void acpiRootPointer(long gpa) {
			root = gpa;
		}
	}

	@BeforeEach
	void furnish() throws DeviceException {
		board.claimPorts(0x3f8, 8, SOMEBODY);
		board.claimPorts(0x2f8, 8, SOMEBODY);
		board.claimPorts(0x70, 2, SOMEBODY);
	}

	private Map<String, ByteBuffer> tables() throws DeviceException {
		if (device == null) {
			device = new AcpiFactory().create(new MapSettings("acpi", Map.of()));
			device.attach(board);
		}
		((BootContributor) device).contribute(map);
		ByteBuffer rsdp = at(map.root, 36);
		assertEquals("RSD PTR ", text(rsdp, 0, 8));
		assertEquals(0, sum(rsdp, 20));
		assertEquals(0, sum(rsdp, 36));
		assertEquals(2, rsdp.get(15));
		Map<String, ByteBuffer> tables = new HashMap<>();
		ByteBuffer xsdt = add(tables, rsdp.getLong(24));
		ByteBuffer rsdt = add(tables, rsdp.getInt(16));
		assertEquals((xsdt.capacity() - 36) / 8, (rsdt.capacity() - 36) / 4);
		for (int i = 0; i < (xsdt.capacity() - 36) / 8; i++) {
			add(tables, xsdt.getLong(36 + 8 * i));
			assertEquals(xsdt.getLong(36 + 8 * i), rsdt.getInt(36 + 4 * i));
		}
		ByteBuffer fadt = tables.get("FACP");
		assertEquals(fadt.getInt(40), fadt.getLong(140));
		assertEquals(0, fadt.getLong(132));
		add(tables, fadt.getLong(140));
		assertEquals("FACS", text(at(fadt.getInt(36), 64), 0, 4));
		assertEquals(64, at(fadt.getInt(36), 64).getInt(4));
		assertEquals(0, fadt.getInt(36) % 64);
		return tables;
	}

	private ByteBuffer add(Map<String, ByteBuffer> tables, long gpa) {
		ByteBuffer table = at(gpa, at(gpa, 8).getInt(4));
		String signature = text(table, 0, 4);
		assertEquals(0, sum(table, table.capacity()), signature);
		tables.put(signature, table);
		return table;
	}

	@Test
	void rootPointerIsWhereItIsLookedFor() throws DeviceException {
		tables();
		assertTrue(map.root >= 0xe_0000 && map.root < 0x10_0000 && map.root % 16 == 0);
		assertEquals(List.of("0xe0000+0x20000 2"), map.kept);
	}

	@Test
	void fadtNamesTheRegistersThatAreThere() throws DeviceException {
		ByteBuffer fadt = tables().get("FACP");
		assertEquals(276, fadt.capacity());
		assertEquals(9, fadt.getShort(46));
		assertEquals(0x600, fadt.getInt(56));
		assertEquals(0x604, fadt.getInt(64));
		assertEquals(0x608, fadt.getInt(76));
		assertEquals(0x32, fadt.get(108));
		assertEquals(0b101, fadt.getShort(109), "old devices, no 8042, no VGA, a clock");
		assertEquals(0x565, fadt.getInt(112));
		assertEquals(0xcf9, fadt.getLong(120));
		assertEquals(6, fadt.get(128));
		assertEquals(0x604, fadt.getLong(176));
		assertEquals(0x608, fadt.getLong(212));
	}

	@Test
	void whatIsNotThereIsNotToldOf() throws DeviceException {
		TestBoard bare = new TestBoard();
		Findings findings = Findings.on(bare);
		assertEquals(new Findings(1, List.of(), false, false), findings);
		assertEquals(0x25, ByteBuffer.wrap(AcpiTables.fadt(findings, 0, 0)).order(ByteOrder.LITTLE_ENDIAN)
				.getShort(109), "no clock");
		assertFalse(text(ByteBuffer.wrap(Dsdt.of(findings)), 0, Dsdt.of(findings).length).contains("COM"));
		assertEquals(List.of(), bare.claims(), "looking around leaves nothing taken");
	}

	@Test
	void madtHasEachProcessorAndTheTimersPin() throws DeviceException {
		board.vcpus(3);
		board.claimMmio(0xfec0_0000L, 0x1000, SOMEBODY);
		assertEquals(List.of("0: 0", "0: 1", "0: 2", "1: 0 fec00000", "2: 0 2 0", "2: 9 9 d", "4: ff 1"), madt());
	}

	@Test
	void chipsOfABackendHaveTheTimerAtPinZero() throws DeviceException {
		assertEquals(List.of("0: 0", "1: 0 fec00000", "2: 9 9 d", "4: ff 1"), madt());
	}

	@Test
	void processorsWithLargeIdsAreX2Apics() throws DeviceException {
		board.vcpus(258);
		List<String> madt = madt();
		assertEquals(List.of("0: 253", "0: 254", "9: 255", "9: 256", "9: 257", "1: 0 fec00000"),
				madt.subList(253, 259));
		assertEquals("a: ffffffff 1", madt.get(madt.size() - 1));
	}

	/** In words, type first. */
	private List<String> madt() throws DeviceException {
		ByteBuffer madt = tables().get("APIC");
		assertEquals(0xfee0_0000, madt.getInt(36));
		List<String> entries = new ArrayList<>();
		for (int at = 44; at < madt.capacity(); at += madt.get(at + 1)) {
			ByteBuffer entry = madt.slice(at, madt.get(at + 1)).order(ByteOrder.LITTLE_ENDIAN);
			entries.add("%x: ".formatted(entry.get(0)) + switch (entry.get(0)) {
				case 0 -> {
					assertEquals(entry.get(2), entry.get(3));
					assertEquals(1, entry.getInt(4));
					yield "" + (entry.get(3) & 0xff);
				}
				case 1 -> "%x %x".formatted(entry.get(2), entry.getInt(4));
				case 2 -> "%x %x %x".formatted(entry.get(3), entry.getInt(4), entry.getShort(8));
				case 4 -> "%x %x".formatted(entry.get(2), entry.get(5));
				case 9 -> {
					assertEquals(entry.getInt(4), entry.getInt(12));
					yield "" + entry.getInt(4);
				}
				default -> "%x %x".formatted(entry.getInt(4), entry.get(8));
			});
		}
		return entries;
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 100, 1024 })
	void tablesOfAnyMachineHaveRoom(int vcpus) throws DeviceException {
		board.vcpus(vcpus);
		ByteBuffer dsdt = tables().get("DSDT");
		assertEquals(vcpus, text(dsdt, 0, dsdt.capacity()).split("ACPI0007", -1).length - 1);
	}

	@Test
	void mpTableTellsTheSame() throws DeviceException {
		board.vcpus(2);
		board.claimMmio(0xfec0_0000L, 0x1000, SOMEBODY);
		tables();
		ByteBuffer pointer = at(0xf_0000, 16);
		assertEquals("_MP_", text(pointer, 0, 4));
		assertEquals(0, sum(pointer, 16));
		ByteBuffer table = at(pointer.getInt(4), at(pointer.getInt(4), 6).getShort(4));
		assertEquals("PCMP", text(table, 0, 4));
		assertEquals(0, sum(table, table.capacity()));
		List<String> entries = new ArrayList<>();
		for (int at = 44; at < table.capacity(); at += table.get(at) == 0 ? 20 : 8)
			entries.add(switch (table.get(at)) {
				case 0 -> "cpu %d %d".formatted(table.get(at + 1), table.get(at + 3));
				case 1 -> text(table, at + 2, 6);
				case 2 -> "apic %x".formatted(table.getInt(at + 4));
				case 3 -> "%d>%d".formatted(table.get(at + 5), table.get(at + 7));
				default -> "local %d>%d".formatted(table.get(at + 1), table.get(at + 7));
			});
		assertEquals(List.of("cpu 0 3", "cpu 1 1", "ISA   ", "apic fec00000", "0>2", "1>1", "3>3", "4>4", "5>5", "6>6",
				"7>7", "8>8", "9>9", "10>10", "11>11", "12>12", "13>13", "14>14", "15>15", "local 3>0", "local 1>1"),
				entries);
		assertEquals(entries.size(), table.getShort(34));
	}

	@Test
	void tablesAreMadeAnewAtEachStart() throws DeviceException {
		Map<String, ByteBuffer> first = tables();
		board.memory().putLong(map.root + 100, -1);
		board.memory().putLong(0xf_fff8, -1);
		assertEquals(first, tables());
		assertEquals(0, board.memory().getLong(0xf_fff8));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "lower", "FIVES", "1ST", "A.B" })
	void nameThatIsNoneIsRefused(String name) {
		assertThrows(IllegalArgumentException.class, () -> Aml.name(name, Aml.integer(0)));
	}

	@Test
	void referenceCompilerReadsTheTables(@TempDir Path folder) throws Exception {
		assumeTrue(iasl(folder, "-v").contains("ACPI"), "there is no iasl (package acpica-tools) on this host");
		board.vcpus(20); // so that lengths take several bytes
		board.claimMmio(0xfec0_0000L, 0x1000, SOMEBODY);
		for (Map.Entry<String, ByteBuffer> table : tables().entrySet()) {
			String name = table.getKey().toLowerCase();
			byte[] bytes = new byte[table.getValue().capacity()];
			table.getValue().get(0, bytes);
			Files.write(folder.resolve(name + ".aml"), bytes);
			String said = iasl(folder, "-d", name + ".aml");
			assertTrue(Files.exists(folder.resolve(name + ".dsl")), said);
			String text = Files.readString(folder.resolve(name + ".dsl"));
			assertFalse(text.contains("Invalid") || text.contains("should be"), text);
			if (name.equals("dsdt"))
				compileAgain(folder, text, bytes);
		}
	}

	private static void compileAgain(Path folder, String text, byte[] bytes) throws Exception {
		assertTrue(text.contains("Name (\\_S5, Package (0x04)"), text);
		assertTrue(text.contains("Device (C013)"), text);
		assertTrue(text.contains("EisaId (\"PNP0501\") /* 16550A-compatible COM Serial Port */"), text);
		assertTrue(text.contains("EisaId (\"PNP0B00\")"), text);
		String said = iasl(folder, "-oa", "-p", "again", "dsdt.dsl");
		assertTrue(said.contains("0 Errors, 0 Warnings"), said);
		byte[] again = Files.readAllBytes(folder.resolve("again.aml"));
		int body = 36;
		assertEquals(ByteBuffer.wrap(bytes, body, bytes.length - body),
				ByteBuffer.wrap(again, body, again.length - body), "byte by byte like the compiler");
	}

	private static String iasl(Path folder, String... arguments) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of("iasl"));
		command.addAll(List.of(arguments));
		Process process;
		try {
			process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
		} catch (IOException e) {
			return "";
		}
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertTrue(process.waitFor(20, TimeUnit.SECONDS));
		return said;
	}

	private ByteBuffer at(long gpa, int length) {
		ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
		assertTrue(board.memory().read(gpa, bytes));
		return bytes.clear();
	}

	private static int sum(ByteBuffer bytes, int length) {
		int sum = 0;
		for (int i = 0; i < length; i++)
			sum += bytes.get(i);
		return sum & 0xff;
	}

	private static String text(ByteBuffer bytes, int at, int length) {
		byte[] text = new byte[length];
		bytes.get(at, text);
		return new String(text, StandardCharsets.ISO_8859_1);
	}
}
