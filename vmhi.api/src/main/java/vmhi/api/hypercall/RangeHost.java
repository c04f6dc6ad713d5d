package vmhi.api.hypercall;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.osgi.annotation.versioning.ProviderType;

import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.api.memory.GuestMemory;

/** The machine, as a range's handler sees it. For any thread. */
@ProviderType
public interface RangeHost {

	/** The machine's name. */
	String machine();

	/** Number of vCPUs. */
	int vcpus();

	/** RAM, for what goes on beside calls. What a call is given is read through {@link Call#memory}. */
	GuestMemory memory();

	/** The machine's time. */
	GuestClock clock();

	/** The console that takes what this range writes. */
	ConsolePort console();

	/** All ranges of the machine, in ascending order of owner. */
	List<Bound> ranges();

	/** Rises by one each time {@link #ranges} changes. */
	int generation();

	/** What the guest said it is, 0 before it did. */
	long guestIdentity();

	/** The guest says what it is; told to those who watch the machine. */
	void guestIdentity(long identity);

	/** Tells those who watch the machine about something, as an event {@code guest.WHAT}. */
	void report(String what, Map<String, String> particulars);

	/**
	 * A range in this machine.
	 *
	 * @param available whether its bundle is there now
	 */
	record Bound(UUID uuid, int owner, int major, int minor, boolean available) {}
}
