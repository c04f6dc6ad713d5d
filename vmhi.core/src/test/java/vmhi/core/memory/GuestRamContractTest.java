package vmhi.core.memory;

import java.lang.ref.Cleaner;

import vmhi.api.memory.GuestMemory;
import vmhi.tck.memory.GuestMemoryContract;

/** The core's RAM keeps the contract that devices and backends are written against. */
class GuestRamContractTest implements GuestMemoryContract {

	@Override
	public GuestMemory memory() {
		return new GuestRam(16 << 20, Cleaner.create());
	}
}
