/**
 * What is on the board of a machine, contract version 1.0.
 * <p>
 * A <em>device bundle</em> implements {@link vmhi.api.device.DeviceFactory} and registers it as a service under
 * {@link vmhi.api.device.DeviceKind}. For each device that a machine's specification lists, the <em>core</em> asks the
 * factory of that kind for a {@link vmhi.api.device.Device} and attaches it to the machine's
 * {@link vmhi.api.device.Board}, where it claims ports, MMIO ranges and MSRs, and finds interrupt lines, guest RAM, a
 * clock, drives and consoles.
 * <p>
 * Three rules hold for each device. A vCPU's thread is never blocked: what takes time, disk or network, goes to
 * {@link vmhi.api.device.Board#work}. The guest is hostile: it may write anything to any register at any time, and gets
 * an odd answer at worst. State can be taken out and put in ({@link vmhi.api.device.Stateful}), so that the bundle can
 * be updated while the guest runs.
 * <p>
 * What the core calls in a device, be it a listener, an alarm or the end of a request, it calls without holding a lock
 * that a call from the device may want: a device may hold its own lock while it calls its lines, clock and consoles.
 * <p>
 * Device bundles implement the types marked {@code @ConsumerType}; the core implements those marked
 * {@code @ProviderType}, which may grow.
 */
@Export
@Version(DeviceKind.CONTRACT)
package vmhi.api.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
