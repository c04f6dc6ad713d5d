package vmhi.api.cpu;

import java.util.List;

import vmhi.api.memory.GuestMemory;

/**
 * What a backend makes vCPUs from.
 *
 * @param machine name of the machine, for messages
 * @param memory its RAM, all regions of which are visible to the guest and writable
 * @param cpuid the CPUID table of each vCPU, index by index; the size of the list is the number of vCPUs
 * @param trappedMsrs MSRs whose reads and writes go to {@link CpuHost} even where the backend knows them itself
 * @param wantsInterruptController whether to bring an interrupt controller if the backend can: local APICs, an I/O
 *        APIC, the 8259 pair and the 8254 timer at their usual places
 */
public record CpuSetup(String machine, GuestMemory memory, List<CpuidTable> cpuid, List<MsrRange> trappedMsrs,
		boolean wantsInterruptController) {

	/** The lists are kept as they are now. */
	public CpuSetup {
		cpuid = List.copyOf(cpuid);
		trappedMsrs = List.copyOf(trappedMsrs);
	}

	/** Number of vCPUs. */
	public int vcpus() {
		return cpuid.size();
	}
}
