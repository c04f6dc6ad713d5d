package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * An {@link InterruptibleVcpu} that can tell its time-stamp counter, so that a local APIC on the board can have a timer
 * that goes off at a count (SDM volume 3, 10.5.4.1). Since 1.1. For any thread.
 */
@ConsumerType
public interface TimeStampedVcpu {

	/** What RDTSC would give now. */
	long timeStamp();

	/** Counts in a millisecond of guest time (kHz), more than 0; the same for as long as the vCPU is there. */
	int timeStampKhz();
}
