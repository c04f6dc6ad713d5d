package vmhi.api.device;

import org.osgi.annotation.versioning.ConsumerType;

import vmhi.api.cpu.InterruptController;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;

/**
 * A {@link Device} that is the machine's interrupt controller, where the CPU backend brings none. A machine has at most
 * one; others of the kind are refused.
 */
@ConsumerType
public interface InterruptDevice extends Device, InterruptController {

	/**
	 * Makes the local APIC of a vCPU. Called after {@link #attach}, and after {@link Stateful#restore} if there is a
	 * state to go on with, once for each vCPU; and again when the CPU backend changes: the same local APIC then serves
	 * another {@code vcpu}. No vCPU runs meanwhile.
	 */
	InterruptSource localApic(int index, InterruptibleVcpu vcpu);
}
