package vmhi.api.cpu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * One virtual processor.
 * <p>
 * Belongs to one thread of the core's, its vCPU thread: {@link #run}, {@link #save} and {@link #restore} are called on
 * it alone. {@link #stop} is for any thread.
 */
@ConsumerType
public interface Vcpu {

	/**
	 * Executes the guest on the calling thread, calling {@link CpuHost} for what it reads and writes, until the run
	 * ends for one of the reasons of {@link RunEnd}. It ends between two instructions: an instruction that was in
	 * progress is complete, with the answer the host gave, so that {@link #save} taken now and restored elsewhere goes
	 * on without doing it twice.
	 *
	 * @throws CpuException if the guest did something this backend cannot execute, or the host failed; the message has
	 *         the reason and where the guest was. The machine is then failed.
	 */
	RunEnd run() throws CpuException;

	/**
	 * Makes the run in progress, or the next one if none is, end with {@link RunEnd#STOPPED} soon: within a
	 * millisecond unless the host is overloaded. From any thread, as often as one likes. It is never lost.
	 */
	void stop();

	/**
	 * Takes out all architectural state. Not while {@link #run} is on.
	 *
	 * @throws CpuException if the host fails
	 */
	CpuState save() throws CpuException;

	/**
	 * Puts all architectural state in. Not while {@link #run} is on. What the state leaves out ({@code null} parts, MSRs
	 * not listed) stays as it is.
	 *
	 * @throws CpuException of kind {@code STATE} if this backend or host cannot take it, saying which part
	 */
	void restore(CpuState state) throws CpuException;
}
