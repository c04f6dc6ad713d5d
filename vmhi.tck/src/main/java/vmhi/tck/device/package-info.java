/** Devices: what each does, and a board to try them on without a machine. */
@Export
@Version(TckReport.VERSION)
package vmhi.tck.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

import vmhi.tck.TckReport;
