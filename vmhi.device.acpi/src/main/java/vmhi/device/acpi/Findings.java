package vmhi.device.acpi;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.DeviceException;
import vmhi.api.device.IoHandler;

/**
 * What of the usual parts of a PC is on the board, as firmware finds it: by trying the addresses where it would be.
 *
 * @param vcpus number of vCPUs
 * @param serialPorts those of COM1 to COM4 that are there
 * @param realTimeClock whether there is one
 * @param boardChips whether the interrupt controllers are a device of the board, and not the CPU backend's
 */
record Findings(int vcpus, List<SerialPort> serialPorts, boolean realTimeClock, boolean boardChips) {
	static final int LOCAL_APIC = 0xfee0_0000, IO_APIC = 0xfec0_0000;
	static final int RTC_PORT = 0x70, RTC_PORTS = 2, RTC_IRQ = 8;

	/** ISA interrupts, of which 2 is taken by the second 8259. */
	static final int ISA_IRQS = 16, CASCADE = 2;

	/** A serial port at its usual place, and with its usual interrupt. */
	enum SerialPort {
		COM1(0x3f8, 4), COM2(0x2f8, 3), COM3(0x3e8, 4), COM4(0x2e8, 3);

		static final int PORTS = 8;

		final int port;
		final int irq;

		SerialPort(int port, int irq) {
			this.port = port;
			this.irq = irq;
		}
	}

	/** Looks around; no vCPU runs. */
	static Findings on(Board board) throws DeviceException {
		List<SerialPort> serialPorts = new ArrayList<>();
		for (SerialPort port : SerialPort.values())
			if (taken(() -> board.claimPorts(port.port, SerialPort.PORTS, NOBODY)))
				serialPorts.add(port);
		boolean rtc = taken(() -> board.claimPorts(RTC_PORT, RTC_PORTS, NOBODY));
		boolean chips = taken(() -> board.claimMmio(Integer.toUnsignedLong(IO_APIC), 1, NOBODY));
		return new Findings(board.vcpus(), serialPorts, rtc, chips);
	}

	/**
	 * The I/O APIC's pin of an ISA interrupt. The timer is at pin 2 on a PC and with the board's chips (MP specification
	 * 1.4, 5.3.1); chips of a backend are KVM's, where as long as nobody sets other routes it is at pin 0.
	 */
	int pin(int irq) {
		return irq == 0 && boardChips ? 2 : irq;
	}

	private interface Try {
		Board.Claim claim() throws DeviceException;
	}

	private static boolean taken(Try attempt) throws DeviceException {
		try {
			attempt.claim().close();
			return false;
		} catch (DeviceException e) {
			if (e.kind() == DeviceException.Kind.TAKEN)
				return true;
			throw e;
		}
	}

	private static final IoHandler NOBODY = new IoHandler() {
		@Override
		public long read(VcpuContext vcpu, long offset, int size) {
			return -1;
		}

		@Override
		public void write(VcpuContext vcpu, long offset, int size, long value) {
			// nobody is there
		}
	};
}
