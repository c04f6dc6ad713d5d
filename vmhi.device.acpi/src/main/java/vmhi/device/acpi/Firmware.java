package vmhi.device.acpi;

import java.nio.ByteBuffer;

import vmhi.api.device.Board;
import vmhi.api.device.BootMap;
import vmhi.api.device.DeviceException;

/**
 * Puts all tables where a PC has its BIOS, below 1 MiB: so they have room in a machine of any size, and a kernel that
 * is told of no root pointer finds it by its signature (ACPI 6.5, 5.2.5.1). ACPI's are at 0xe0000, the root pointer
 * first; the MP table is at 0xf0000, the only part in which it is looked for (MP specification 1.4, chapter 4).
 */
final class Firmware {
	static final long ACPI_AT = 0xe_0000, MP_AT = 0xf_0000;
	private static final int ROOM = 0x1_0000;
	private static final int RESERVED = 2;

	/** The FACS starts at a multiple of this; the others may. */
	private static final int ALIGNMENT = 64;
	private static final int RSDP_SIZE = 36;

	private final Board board;
	private long next = ACPI_AT + RSDP_SIZE;

	private Firmware(Board board) {
		this.board = board;
	}

	static void write(Board board, BootMap map) throws DeviceException {
		new Firmware(board).write(map);
	}

	private void write(BootMap map) throws DeviceException {
		Findings findings = Findings.on(board);
		map.reserve(ACPI_AT, 2 * ROOM, RESERVED);
		board.memory().write(ACPI_AT, ByteBuffer.allocate(2 * ROOM)); // a guest may have left something there

		long facs = put(AcpiTables.facs());
		long dsdt = put(Dsdt.of(findings));
		long fadt = put(AcpiTables.fadt(findings, (int) facs, (int) dsdt));
		long madt = put(AcpiTables.madt(findings));
		long rsdt = put(AcpiTables.rsdt((int) fadt, (int) madt));
		long xsdt = put(AcpiTables.xsdt(fadt, madt));
		board.memory().write(ACPI_AT, ByteBuffer.wrap(AcpiTables.rsdp((int) rsdt, xsdt)));
		map.acpiRootPointer(ACPI_AT);

		board.memory().write(MP_AT, ByteBuffer.wrap(MpTable.of(findings, (int) MP_AT)));
	}

	private long put(byte[] table) throws DeviceException {
		long at = next + ALIGNMENT - 1 & -ALIGNMENT;
		next = at + table.length;
		if (next > ACPI_AT + ROOM)
			throw new DeviceException(DeviceException.Kind.HOST,
					"no room for the ACPI tables of %d vCPUs".formatted(board.vcpus()));
		board.memory().write(at, ByteBuffer.wrap(table));
		return at;
	}
}
