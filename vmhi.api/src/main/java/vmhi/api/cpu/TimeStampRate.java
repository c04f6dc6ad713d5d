package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link CpuBackend} that knows how fast the time-stamp counter of its guests runs. From any thread. */
@ConsumerType
public interface TimeStampRate {

	/** Counts in a millisecond of guest time (kHz); 0 if it turns out not to be known. */
	int timeStampKhz();
}
