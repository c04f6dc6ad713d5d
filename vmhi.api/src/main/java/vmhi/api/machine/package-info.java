/**
 * Machines, contract version 1.0: what they are made from, what they do, and how to follow it.
 * <p>
 * Implemented by the core, used by management bundles, which get at it through {@link vmhi.api.mgmt.Access}. A reader
 * never waits for a running job: it gets an immutable {@link vmhi.api.machine.MachineSnapshot}. What takes time is a
 * {@link vmhi.api.machine.Job}; a job is done only when the next call will find its result. Every change is an
 * {@link vmhi.api.machine.Event} with a number that only rises; a stream of events can be resumed from one.
 */
@Export
@Version(MachineSpec.CONTRACT)
package vmhi.api.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
