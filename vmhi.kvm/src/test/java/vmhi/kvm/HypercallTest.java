package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.cpu.RunEnd;

class HypercallTest {

	/**
	 * KVM answers the instruction of its own vendor with an error in RAX and refuses the other with #UD. What it must
	 * not do is write one over the other, which on a KVM in software goes on for ever.
	 */
	@ParameterizedTest(name = "{0}")
	@CsvSource({ "VMCALL, 0xc1", "VMMCALL, 0xd9" })
	void comesToAnEndAndLeavesTheInstructionAsItIs(String name, int byte3) throws Exception {
		TestHost host = new TestHost();
		try (Guest guest = Guest.of(host)) {
			guest.code(Guest.CODE,
					0x0f, 0x01, byte3,
					0xe6, Guest.STOP);
			guest.code(Guest.HANDLER,
					0xe6, 0x06, // out 6, al
					0xe6, Guest.STOP).gate(6, Guest.HANDLER);
			guest.start(guest.vcpu(), 0);

			assertEquals(RunEnd.STOPPED, assertTimeoutPreemptively(Duration.ofSeconds(10), guest.vcpu()::run));
			assertEquals(byte3, guest.ram.getByte(Guest.CODE + 2));
			assertTrue(host.seen.isEmpty() || host.seen.equals(List.of("out 6/1 0")), host.seen::toString);
		}
	}
}
