/** CPU backends: what each does, told by small guests. */
@Export
@Version(TckReport.VERSION)
package vmhi.tck.cpu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;

import vmhi.tck.TckReport;
