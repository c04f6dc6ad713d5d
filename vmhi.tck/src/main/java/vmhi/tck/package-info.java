/**
 * The compatibility kit, version 1.0.
 * <p>
 * A bundle that meets a contract of {@code vmhi.api} proves it here: its test class implements the contract's test
 * interface, such as {@code vmhi.tck.vdisk.VirtualDiskContract}, says how to make what is to be tested, and JUnit runs
 * the contract's tests along with its own. {@link vmhi.tck.TckReport} writes the verdict down. Beside the tests there
 * is what a plug-in's author needs to test without a hypervisor: a board, RAM, storage, settings.
 */
@Export
@Version(TckReport.VERSION)
package vmhi.tck;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
