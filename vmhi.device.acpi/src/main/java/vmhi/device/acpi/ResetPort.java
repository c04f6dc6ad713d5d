package vmhi.device.acpi;

import java.util.function.Consumer;

import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.IoHandler;

/** The ports by which software resets a PC. They have no state that anybody would miss. */
enum ResetPort {
	/** Reset control register of Intel's south bridges: bit 2 resets, bit 1 says how thoroughly. */
	RESET_CONTROL(0xcf9, 0) {
		@Override
		boolean resets(int value) {
			return (value & 4) != 0;
		}
	},
	/** System control port A of the PS/2: bit 0 is the fast reset; bit 1 is A20, which is on and stays on. */
	SYSTEM_CONTROL(0x92, 2) {
		@Override
		boolean resets(int value) {
			return (value & 1) != 0;
		}
	},
	/**
	 * The command port of a keyboard controller that isn't there: all ones, as its status, say so. The one command that
	 * is understood pulses the reset line.
	 */
	KEYBOARD_CONTROLLER(0x64, 0xff) {
		@Override
		boolean resets(int value) {
			return value == 0xfe;
		}
	};

	private final int port;
	private final int readsAs;

	ResetPort(int port, int readsAs) {
		this.port = port;
		this.readsAs = readsAs;
	}

	abstract boolean resets(int value);

	int port() {
		return port;
	}

	/** Answers at the port. {@code reset} gets the reason. */
	IoHandler handler(Consumer<String> reset) {
		String reason = "a write to port %#x".formatted(port);
		return new IoHandler() {
			@Override
			public long read(VcpuContext vcpu, long offset, int size) {
				return readsAs;
			}

			@Override
			public void write(VcpuContext vcpu, long offset, int size, long value) {
				if (resets((int) value & 0xff))
					reset.accept(reason);
			}
		};
	}
}
