/**
 * Guest RAM, contract version 1.1.
 * <p>
 * The core owns the RAM of a machine: page-aligned host memory outside the Java heap, laid out in a few
 * {@linkplain vmhi.api.memory.MemoryRegion regions} of the guest-physical address space. CPU backends map the regions
 * by their host address; devices and hypercall handlers reach them through {@link vmhi.api.memory.GuestMemory} and
 * {@link vmhi.api.memory.MemoryView}, which check every access.
 * <p>
 * Addresses are guest-physical (GPA), unsigned 64-bit numbers in a {@code long}. Sizes are bytes. Multi-byte values are
 * little-endian, as x86 has them.
 */
@Export
@Version(GuestMemory.CONTRACT)
package vmhi.api.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
