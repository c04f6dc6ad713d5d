/** Guest RAM: what {@code GuestMemory} does, and RAM for tests. */
@Export
@Version(TckReport.VERSION)
package vmhi.tck.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

import vmhi.tck.TckReport;
