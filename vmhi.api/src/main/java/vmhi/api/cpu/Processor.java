package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/** The vCPUs of one machine, as one backend made them. */
@ConsumerType
public interface Processor extends AutoCloseable {

	/** The vCPU with this index, 0 up to the number asked for; always the same object. */
	Vcpu vcpu(int index);

	/**
	 * Gives up everything the host lent: file descriptors, mappings, threads. The core calls it once no vCPU runs, and
	 * calls nothing on this object or its vCPUs afterwards. A second call does nothing.
	 */
	@Override
	void close();
}
