package vmhi.device.acpi;

import static vmhi.device.acpi.Aml.device;
import static vmhi.device.acpi.Aml.eisaId;
import static vmhi.device.acpi.Aml.integer;
import static vmhi.device.acpi.Aml.irq;
import static vmhi.device.acpi.Aml.name;
import static vmhi.device.acpi.Aml.pack;
import static vmhi.device.acpi.Aml.ports;
import static vmhi.device.acpi.Aml.resources;
import static vmhi.device.acpi.Aml.scope;
import static vmhi.device.acpi.Aml.text;

import java.util.ArrayList;
import java.util.List;

/** What the guest cannot find out by itself: how to power off, the processors, and the devices of the old PC. */
final class Dsdt {
	private Dsdt() {}

	static byte[] of(Findings findings) {
		List<byte[]> devices = new ArrayList<>();
		for (int i = 0; i < findings.vcpus(); i++)
			devices.add(device("C%03X".formatted(i), name("_HID", text("ACPI0007")), name("_UID", integer(i))));
		for (Findings.SerialPort port : findings.serialPorts())
			devices.add(device(port.name(), name("_HID", eisaId("PNP0501")), name("_UID", integer(port.ordinal() + 1)),
					name("_CRS", resources(ports(port.port, Findings.SerialPort.PORTS), irq(port.irq)))));
		if (findings.realTimeClock())
			devices.add(device("RTC", name("_HID", eisaId("PNP0B00")),
					name("_CRS", resources(ports(Findings.RTC_PORT, Findings.RTC_PORTS), irq(Findings.RTC_IRQ)))));

		byte[] off = integer(PowerManagement.SLEEP_TYPE_OFF);
		// revision 2: integers have 64 bits
		return Table.withHeader("DSDT", 2)
				.raw(name("\\_S5", pack(off, off, integer(0), integer(0))))
				.raw(scope("\\_SB", devices.toArray(new byte[0][])))
				.acpi();
	}
}
