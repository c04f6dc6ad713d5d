package vmhi.device.acpi;

/**
 * The MP floating pointer and configuration table (MultiProcessor specification 1.4, chapter 4), for kernels that know
 * no ACPI. It tells of the first 255 vCPUs.
 */
final class MpTable {
	private static final int PROCESSOR = 0, BUS = 1, IO_APIC = 2, IO_INTERRUPT = 3, LOCAL_INTERRUPT = 4;
	private static final int INT = 0, NMI = 1, EXT_INT = 3; // interrupt types
	private static final int VERSION = 4; // of the specification, 1.4
	private static final int APIC_VERSION = 0x14, IO_APIC_VERSION = 0x20;
	private static final int USABLE = 1, BOOTS = 2;
	private static final int SIGNATURE = 0x600, FPU_APIC = 0x201; // a P6; what it is CPUID tells
	private static final int ALL = 0xff;
	private static final int POINTER_SIZE = 16, LENGTH_AT = 4, CHECKSUM_AT = 7, COUNT_AT = 34;
	private static final int POINTER_CHECKSUM_AT = 10;

	private MpTable() {}

	/** The pointer, and right after it the table. */
	static byte[] of(Findings findings, int gpa) {
		Table pointer = new Table().text("_MP_", 4).dword(gpa + POINTER_SIZE).bytes(1, VERSION, 0).zeros(5)
				.checksum(POINTER_CHECKSUM_AT, POINTER_SIZE);
		return pointer.raw(table(findings)).done();
	}

	private static byte[] table(Findings findings) {
		Table table = new Table().text("PCMP", 4).word(0).bytes(VERSION, 0).text(Table.OEM, 8)
				.text(Table.OEM_TABLE, 12).dword(0).word(0).word(0).dword(Findings.LOCAL_APIC).dword(0);
		int processors = Math.min(findings.vcpus(), 255);
		for (int id = 0; id < processors; id++)
			table.bytes(PROCESSOR, id, APIC_VERSION, id == 0 ? USABLE | BOOTS : USABLE).dword(SIGNATURE)
					.dword(FPU_APIC).zeros(8);
		table.bytes(BUS, 0).text("ISA", 6);
		table.bytes(IO_APIC, 0, IO_APIC_VERSION, USABLE).dword(Findings.IO_APIC);
		int interrupts = 0;
		for (int irq = 0; irq < Findings.ISA_IRQS; irq++)
			if (irq != Findings.CASCADE) {
				table.bytes(IO_INTERRUPT, INT).word(irq == PowerManagement.SCI ? AcpiTables.HIGH_LEVEL : 0)
						.bytes(0, irq, 0, findings.pin(irq));
				interrupts++;
			}
		table.bytes(LOCAL_INTERRUPT, EXT_INT).word(0).bytes(0, 0, 0, 0);
		table.bytes(LOCAL_INTERRUPT, NMI).word(0).bytes(0, 0, ALL, 1);
		return table.word(LENGTH_AT, table.length()).word(COUNT_AT, processors + 2 + interrupts + 2)
				.checksum(CHECKSUM_AT, table.length()).done();
	}
}
