package vmhi.api.device;

import java.util.Map;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.MsrRange;
import vmhi.api.memory.GuestMemory;

/**
 * The machine, as one of its devices sees it. Each device has a {@code Board} of its own; when the device is closed, all
 * that was claimed through it is free again.
 * <p>
 * Claims are made in {@link Device#attach}, or later from any thread where that is said; the rest is for any thread at
 * any time until the device is closed, after which it does nothing.
 */
@ProviderType
public interface Board {

	/** The machine's name, for messages. */
	String machine();

	/** Number of vCPUs. */
	int vcpus();

	/** The machine's RAM. */
	GuestMemory memory();

	/** The machine's time, which stands still while the machine does. */
	GuestClock clock();

	/**
	 * Claims ports. May be called, and the claim closed, at any time.
	 *
	 * @param first 0 to 0xffff
	 * @param count 1 or more
	 * @return closing it gives the ports up; it returns when no access is in the handler any more
	 * @throws DeviceException of kind {@code TAKEN}, naming the device that has them
	 */
	Claim claimPorts(int first, int count, IoHandler handler) throws DeviceException;

	/**
	 * Claims guest-physical addresses outside RAM. May be called, and the claim closed, at any time.
	 *
	 * @throws DeviceException of kind {@code TAKEN}, naming the device that has them, or RAM
	 */
	Claim claimMmio(long gpa, long size, IoHandler handler) throws DeviceException;

	/** Claims model-specific registers. In {@link Device#attach} only. */
	Claim claimMsrs(MsrRange range, MsrHandler handler) throws DeviceException;

	/**
	 * Adds to what CPUID tells on every vCPU, or replaces what the CPU model says. In {@link Device#attach} only, and of
	 * effect only when the machine starts: guests do not see CPUID change.
	 */
	void cpuid(CpuidTable.Leaf leaf);

	/**
	 * Has writes to an address inside a claimed range ring a bell instead of going to the handler; the handler is called
	 * no more for these. At any time.
	 *
	 * @param port whether {@code address} is a port or a GPA
	 * @param size of the write in bytes, 1, 2, 4 or 8; other sizes go to the handler
	 * @param bell called on the device's worker, soon; several writes may ring once
	 */
	Claim doorbell(boolean port, long address, int size, Runnable bell) throws DeviceException;

	/**
	 * An interrupt line. Several devices may have the same one: it is asserted while any of them asserts it.
	 *
	 * @param gsi global system interrupt, 0 to 255
	 */
	InterruptLine interrupt(int gsi) throws DeviceException;

	/** Sends a message-signalled interrupt. */
	void message(long address, int data);

	/**
	 * Runs something on the device's worker, one after the other in the order given. It may block on disk or network.
	 */
	void work(Runnable job);

	/**
	 * The drive that the specification gives this name.
	 *
	 * @throws DeviceException of kind {@code MISSING} if it has none
	 */
	Drive drive(String name) throws DeviceException;

	/** The console of this name; it is made when first asked for. At most one device has it at a time. */
	ConsolePort console(String name) throws DeviceException;

	/**
	 * Offers something to the devices after this one, such as a bus to plug into, under the interface of a contract.
	 */
	<T> void offer(Class<T> type, T service) throws DeviceException;

	/** What a device before this one offers. Its owner is not closed before this device is. */
	<T> Optional<T> find(Class<T> type);

	/**
	 * Ends the machine from inside, as a power button held does.
	 *
	 * @param status 0 for an orderly end; others are the guest's to choose and are told to who started the machine
	 */
	void powerOff(int status, String reason);

	/** Resets the machine from inside, as its reset button does. */
	void resetMachine(String reason);

	/** Tells those who watch the machine about something, as an event {@code device.WHAT} with these particulars. */
	void report(String what, Map<String, String> particulars);

	/** Something claimed. Closing it twice does nothing. */
	interface Claim extends AutoCloseable {
		@Override
		void close();
	}
}
