/**
 * The hypercall interface, contract version 1.0: a guest talks to the hypervisor directly.
 * <p>
 * Calls are grouped into <em>ranges</em>. A hypercall bundle implements {@link vmhi.api.hypercall.RangeProvider} and
 * registers it as a service under {@link vmhi.api.hypercall.HypercallRange}; the core owns what all ranges share: the
 * register convention and the port ({@link vmhi.api.hypercall.Abi}), the checks that {@link vmhi.api.hypercall.RangeInfo}
 * declares, copies of guest memory that are fetched once, deadlines, fault counts, and the exchange of a bundle while
 * guests call. A vendor adds a range without touching the core and without a registry of numbers: guests find it by its
 * UUID.
 */
@Export
@Version(Abi.CONTRACT)
package vmhi.api.hypercall;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
