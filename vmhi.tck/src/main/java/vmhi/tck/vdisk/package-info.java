/** Virtual disks: what {@code VirtualDisk} and {@code Storage} do, and storage in memory, with power cuts. */
@Export
@Version(TckReport.VERSION)
package vmhi.tck.vdisk;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

import vmhi.tck.TckReport;
