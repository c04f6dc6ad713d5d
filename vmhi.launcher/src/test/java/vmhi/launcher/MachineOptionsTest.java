package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.hypercall.Abi;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineSpec.Protocol;

class MachineOptionsTest {
	private static final Device SERIAL = new Device("serial", "com1", Map.of());
	private static final Device EXIT = new Device("exit", "exit", Map.of());
	private static final Device RTC = new Device("rtc", "rtc", Map.of());
	private static final Device ACPI = new Device("acpi", "acpi", Map.of());
	private static final Device IRQCHIP = new Device("irqchip", "irqchip", Map.of());
	private static final Map<String, HostVerdict> KVM = Map.of("kvm", verdict(Fitness.FAST), "soft",
			verdict(Fitness.SLOW));

	@Test
	void kernelAloneMakesASmallMachineWithAConsole() {
		assertEquals(new MachineSpec("guest", Map.of(), new MachineSpec.Cpu("kvm", "host", 1), 256 << 20,
				new MachineSpec.Boot(Protocol.AUTO, "/boot/vmlinuz", "", "", 0), List.of(),
				List.of(RTC, ACPI, SERIAL, EXIT),
				new MachineSpec.Hypercalls(true, Abi.PORT), Map.of(), OnReset.STOP, false),
				spec("--kernel", "/boot/vmlinuz"));
	}

	@Test
	void everythingCanBeSaid() {
		MachineSpec spec = spec("--kernel", "/k", "--initrd", "/i", "--append", "console=ttyS0 quiet", "--name",
				"web-1", "--cpu",
				"kvm", "--cpu-model", "x86-64-v2", "--vcpus", "4", "--memory", "2G", "--no-hypercall", "--restart");

		assertEquals(new MachineSpec("web-1", Map.of(), new MachineSpec.Cpu("kvm", "x86-64-v2", 4), 2L << 30,
				new MachineSpec.Boot(Protocol.AUTO, "/k", "/i", "console=ttyS0 quiet", 0), List.of(),
				List.of(RTC, ACPI, SERIAL, EXIT),
				new MachineSpec.Hypercalls(false, Abi.PORT), Map.of(), OnReset.RESTART, false), spec);
	}

	@Test
	void flatImageGoesAboveTheTables() {
		assertEquals(new MachineSpec.Boot(Protocol.FLAT, "/k", "", "", 0x100000),
				spec("--kernel", "/k", "--flat").boot());
		assertEquals(Protocol.FLAT, spec("--kernel", "/k", "--protocol", "flat").boot().protocol());
	}

	@Test
	void pathsAreMadeAbsolute() {
		assertEquals(Path.of("k").toAbsolutePath().toString(), spec("--kernel", "./k").boot().kernel());
	}

	@Test
	void eachDriveGetsADevice() {
		MachineSpec spec = spec("--kernel", "/k", "--disk", "/a", "--disk", "/b,,c,format=qcow2,readonly,name=data");

		assertEquals(List.of(new Disk("disk0", "/a", "raw", false), new Disk("data", "/b,c", "qcow2", true)),
				spec.disks());
		assertEquals(List.of(RTC, ACPI, SERIAL, EXIT, new Device("pvblock", "block-disk0", Map.of("drive", "disk0")),
				new Device("pvblock", "block-data", Map.of("drive", "data"))), spec.devices());
	}

	@Test
	void driveThatADeviceNamesGetsNoOther() {
		assertEquals(List.of(RTC, ACPI, SERIAL, EXIT, new Device("virtio-blk", "virtio-blk", Map.of("drive", "disk0"))),
				spec("--kernel", "/k", "--disk", "/a", "--device", "virtio-blk,drive=disk0").devices());
	}

	@Test
	void deviceTakesThePlaceOfTheUsualOneOfItsKind() {
		assertEquals(
				List.of(RTC, ACPI, EXIT,
						new Device("serial", "com2", Map.of("port", "0x2f8", "irq", 3L, "loop", true))),
				spec("--kernel", "/k", "--device", "serial,name=com2,port=0x2f8,irq=3,loop=true").devices());
	}

	@Test
	void bareBoardHasJustWhatIsGiven() {
		assertEquals(List.of(new Device("exit", "exit", Map.of()), new Device("exit", "exit1", Map.of())),
				spec("--kernel", "/k", "--bare", "--disk", "/a", "--device", "exit", "--device", "exit").devices());
	}

	@Test
	void boardHasInterruptControllersWhereTheBackendHasNone() {
		assertEquals(List.of(IRQCHIP, RTC, ACPI, SERIAL, EXIT), spec("--kernel", "/k", "--cpu", "soft").devices());
		assertEquals(List.of(RTC, ACPI, SERIAL, EXIT), spec("--kernel", "/k", "--cpu", "kvm").devices());
		assertEquals(List.of(RTC, ACPI, SERIAL, EXIT, IRQCHIP),
				spec("--kernel", "/k", "--cpu", "soft", "--device", "irqchip").devices());
		assertEquals(List.of(), spec("--kernel", "/k", "--cpu", "soft", "--bare").devices());
	}

	@Test
	void backendIsTheFittestUnlessOneIsNamed() {
		Map<String, HostVerdict> limited = Map.of("kvm", verdict(Fitness.LIMITED), "soft", verdict(Fitness.SLOW));
		MachineSpec spec = parse("--kernel", "/k").spec(limited);
		assertEquals("soft", spec.cpu().backend());
		assertEquals(IRQCHIP, spec.devices().get(0));
		assertEquals("kvm", BackendChoice.of("auto", limited, BackendChoice.FOR_SMALL_GUESTS));
		assertEquals("kvm", parse("--kernel", "/k", "--cpu", "kvm").spec(limited).cpu().backend());
		assertEquals("soft", parse("--kernel", "/k")
				.spec(Map.of("kvm", verdict(Fitness.UNAVAILABLE), "soft", verdict(Fitness.SLOW))).cpu().backend());
		assertEquals("a", BackendChoice.of("auto", Map.of("b", verdict(Fitness.SLOW), "a", verdict(Fitness.SLOW)),
				BackendChoice.FOR_ANY_GUEST));
	}

	@Test
	void choiceStaysOpenWhereNothingCanRun() {
		for (Map<String, HostVerdict> cpus : List.of(Map.<String, HostVerdict>of(),
				Map.of("kvm", verdict(Fitness.UNAVAILABLE))))
			assertEquals("auto", parse("--kernel", "/k").spec(cpus).cpu().backend());
	}

	@Test
	void diskOfATransportIsNoPath() {
		assertEquals("nbd://host/name", MachineOptions.disk("nbd://host/name", "d").path());
	}

	@ParameterizedTest
	@CsvSource({ "4096, 4096", "64K, 65536", "512M, 536870912", "3g, 3221225472" })
	void memoryHasUnits(String text, long bytes) {
		assertEquals(bytes, spec("--kernel", "/k", "--memory", text).memory());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "M", "-1", "1.5G", "1T", "0x10", "999999999999999G" })
	void memoryThatIsNoSizeIsRefused(String text) {
		assertThrows(ParameterException.class, () -> parse("--kernel", "/k", "--memory", text));
	}

	@Test
	void protocolThatIsNoneIsRefused() {
		assertThrows(ParameterException.class, () -> parse("--kernel", "/k", "--protocol", "uefi"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"--disk | /a,ro | 'ro' in --disk /a,ro is none of format=, name=, readonly",
			"--disk | ,readonly | --disk ,readonly names no file",
			"--device | ,name=x | --device ,name=x names no kind",
			"--device | serial,x | 'x' in --device serial,x is not of the form KEY=VALUE" })
	void whatCannotBeUnderstoodIsNamed(String option, String value, String message) {
		MachineOptions options = parse("--kernel", "/k", option, value);
		assertEquals(message.replace('\'', '"'),
				assertThrows(IllegalArgumentException.class, () -> options.spec(KVM)).getMessage());
	}

	private static MachineSpec spec(String... args) {
		return parse(args).spec(KVM);
	}

	private static HostVerdict verdict(Fitness fitness) {
		return new HostVerdict(fitness, "", 1, List.of());
	}

	private static MachineOptions parse(String... args) {
		return CommandLine.populateCommand(new MachineOptions(), args);
	}
}
