package vmhi.core.hypercall;

import java.util.Map;

import vmhi.api.device.ConsolePort;
import vmhi.api.device.GuestClock;
import vmhi.api.memory.GuestMemory;

/** What ranges get to see of their machine. */
public interface MachineSide {

	/** Its name. */
	String machine();

	/** Number of vCPUs. */
	int vcpus();

	/** Its RAM. */
	GuestMemory memory();

	/** Its time. */
	GuestClock clock();

	/** The console of the hypercall interface. */
	ConsolePort console();

	/** What the guest said it is. */
	long guestIdentity();

	/** The guest says what it is. */
	void guestIdentity(long identity);

	/** Does something soon, on a thread that may block. */
	void later(Runnable what);

	/** Tells those who watch. */
	void report(String type, Map<String, String> particulars);
}
