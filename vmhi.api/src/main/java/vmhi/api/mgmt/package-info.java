/**
 * Management, contract version 1.0: who may do what, and the one door for all protocols.
 * <p>
 * A management bundle finds out who is speaking, with {@link vmhi.api.mgmt.Authenticator}s, and then works on the
 * {@link vmhi.api.mgmt.Hypervisor} that {@link vmhi.api.mgmt.Access} opens for that principal. Every method of it checks
 * the principal's {@link vmhi.api.mgmt.Permission}s and writes the audit log; there is no other way to the machines.
 */
@Export
@Version(Protocol.CONTRACT)
package vmhi.api.mgmt;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
