/**
 * Who executes guest instructions, contract version 1.0.
 * <p>
 * Two sides meet here. A <em>CPU bundle</em> implements {@link vmhi.api.cpu.CpuBackend} and registers it as a service
 * under {@link vmhi.api.cpu.CpuKind}; from the machine's RAM and CPU model it makes a
 * {@link vmhi.api.cpu.Processor}, a set of {@link vmhi.api.cpu.Vcpu}s. The <em>core</em> runs each vCPU on a thread of
 * its own and implements {@link vmhi.api.cpu.CpuHost}, which a vCPU calls for port I/O, MMIO and MSRs: traffic by
 * callback, the end of a run by value.
 * <p>
 * All architectural state goes in and out as a {@link vmhi.api.cpu.CpuState}, the same for every backend: saving,
 * restoring, updating a backend and moving a running guest from one backend to another are made of it.
 * <p>
 * CPU bundles implement the types marked {@code @ConsumerType}. What not every backend can do is a second interface
 * beside {@code Processor} or {@code Vcpu}: {@link vmhi.api.cpu.InterruptController},
 * {@link vmhi.api.cpu.InterruptibleVcpu}, {@link vmhi.api.cpu.Doorbells}, {@link vmhi.api.memory.DirtySource}.
 */
@Export
@Version(CpuKind.CONTRACT)
package vmhi.api.cpu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
