package vmhi.device.acpi;

/** The tables of fixed form (ACPI 6.5, 5.2), fields in their order. */
final class AcpiTables {
	// FADT, IA-PC boot architecture flags (table 5.10)
	private static final int LEGACY_DEVICES = 1, VGA_NOT_PRESENT = 1 << 2, CMOS_RTC_NOT_PRESENT = 1 << 5;

	// FADT, fixed feature flags (table 5.9). The power button is the fixed one, which is bit 4 being 0.
	private static final int WBINVD = 1, PROC_C1 = 1 << 2, SLP_BUTTON = 1 << 5, FIX_RTC = 1 << 6, TMR_VAL_EXT = 1 << 8,
			RESET_REG_SUP = 1 << 10;

	private static final int RESET_VALUE = 6;
	/** As latencies, these say that there is no C2 and no C3. */
	private static final int NO_C2 = 0xfff, NO_C3 = 0xfff;
	private static final int CENTURY = 0x32; // in the CMOS memory

	// MADT
	private static final int PCAT_COMPAT = 1, ENABLED = 1;
	private static final int LAST_APIC_ID = 254; // what has a higher one is told of as an x2APIC
	/** Active high, level: see the SCI's override, and table 5.26. */
	static final int HIGH_LEVEL = 0xd;

	private AcpiTables() {}

	static byte[] rsdp(int rsdt, long xsdt) {
		return new Table().text("RSD PTR ", 8).bytes(0).text(Table.OEM, 6).bytes(2).dword(rsdt).dword(36).qword(xsdt)
				.bytes(0).zeros(3).checksum(8, 20).checksum(32, 36).done();
	}

	static byte[] rsdt(int... tables) {
		Table rsdt = Table.withHeader("RSDT", 1);
		for (int table : tables)
			rsdt.dword(table);
		return rsdt.acpi();
	}

	static byte[] xsdt(long... tables) {
		Table xsdt = Table.withHeader("XSDT", 1);
		for (long table : tables)
			xsdt.qword(table);
		return xsdt.acpi();
	}

	/** Has no checksum, as the guest writes to it. */
	static byte[] facs() {
		return new Table().text("FACS", 4).dword(64).zeros(24).bytes(2).zeros(31).done();
	}

	static byte[] fadt(Findings findings, int facs, int dsdt) {
		int status = PowerManagement.BASE + PowerManagement.STATUS;
		int control = PowerManagement.BASE + PowerManagement.CONTROL;
		int timer = PowerManagement.BASE + PowerManagement.TIMER;
		int boot = LEGACY_DEVICES | VGA_NOT_PRESENT | (findings.realTimeClock() ? 0 : CMOS_RTC_NOT_PRESENT);
		return Table.withHeader("FACP", 6)
				.dword(facs).dword(dsdt)
				.bytes(0, 0) // INT_MODEL of ACPI 1, preferred profile: unspecified
				.word(PowerManagement.SCI)
				.dword(0).bytes(0, 0, 0, 0) // SMI_CMD and its commands: always in ACPI mode
				.dword(status).dword(0).dword(control).dword(0).dword(0).dword(timer).dword(0).dword(0)
				.bytes(4, 2, 0, 4, 0, 0, 0, 0) // lengths of these: PM1 events, PM1 control, PM2, timer, GPE0, GPE1
				.word(NO_C2).word(NO_C3).word(0).word(0)
				.bytes(0, 0) // duty cycle
				.bytes(0, 0, findings.realTimeClock() ? CENTURY : 0) // alarms by day and month: none
				.word(boot).bytes(0)
				.dword(WBINVD | PROC_C1 | SLP_BUTTON | FIX_RTC | TMR_VAL_EXT | RESET_REG_SUP)
				.port(ResetPort.RESET_CONTROL.port(), 8).bytes(RESET_VALUE)
				.word(0).bytes(5) // not ARM; minor version
				.qword(0).qword(dsdt) // the FACS is below 4 GiB and told of once
				.port(status, 32).port(0, 0).port(control, 16).port(0, 0).port(0, 0).port(timer, 32).port(0, 0)
				.port(0, 0)
				.port(0, 0).port(0, 0) // sleep registers are for hardware-reduced ACPI
				.text("VMHI", 8) // hypervisor vendor
				.acpi();
	}

	static byte[] madt(Findings findings) {
		Table madt = Table.withHeader("APIC", 5).dword(Findings.LOCAL_APIC).dword(PCAT_COMPAT);
		for (int id = 0; id < findings.vcpus(); id++)
			if (id <= LAST_APIC_ID)
				madt.bytes(0, 8, id, id).dword(ENABLED);
			else
				madt.bytes(9, 16, 0, 0).dword(id).dword(ENABLED).dword(id);
		madt.bytes(1, 12, 0, 0).dword(Findings.IO_APIC).dword(0);
		for (int irq = 0; irq < Findings.ISA_IRQS; irq++)
			if (irq == PowerManagement.SCI || findings.pin(irq) != irq)
				madt.bytes(2, 10, 0, irq).dword(findings.pin(irq)).word(irq == PowerManagement.SCI ? HIGH_LEVEL : 0);
		madt.bytes(4, 6, 0xff).word(0).bytes(1); // NMI at LINT1 of all
		if (findings.vcpus() - 1 > LAST_APIC_ID)
			madt.bytes(0xa, 12).word(0).dword(-1).bytes(1, 0, 0, 0);
		return madt.acpi();
	}
}
