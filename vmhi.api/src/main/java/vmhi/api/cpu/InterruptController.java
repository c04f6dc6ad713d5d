package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes interrupts from devices to vCPUs. A {@link Processor} that is one brings its own controllers; for one that
 * isn't, a device of the board is.
 * <p>
 * Called from any thread. Never blocks.
 */
@ConsumerType
public interface InterruptController {

	/**
	 * Sets the level of an interrupt line.
	 *
	 * @param gsi global system interrupt: inputs of the I/O APIC from 0, of which 0 to 15 are the ISA lines and reach
	 *        the 8259 pair as well; a line that does not exist is ignored
	 */
	void line(int gsi, boolean asserted);

	/**
	 * A message-signalled interrupt: a 32-bit store by a device.
	 *
	 * @param address as the guest programmed it (SDM volume 3, 10.11.1)
	 */
	void message(long address, int data);

	/**
	 * Takes out the state of what serves all vCPUs: I/O APIC, 8259 pair, 8254. Local APICs belong to {@link CpuState}
	 * where the processor has them. Only while no vCPU runs.
	 *
	 * @throws CpuException if the host fails
	 */
	ChipState saveChips() throws CpuException;

	/**
	 * Puts it in. Parts that are {@code null} stay as they are.
	 *
	 * @throws CpuException of kind {@code STATE} if it does not fit
	 */
	void restoreChips(ChipState state) throws CpuException;
}
