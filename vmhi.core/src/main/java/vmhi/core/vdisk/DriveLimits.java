package vmhi.core.vdisk;

import java.util.concurrent.TimeUnit;

/**
 * How much a drive may do and how long things may take, in nanoseconds.
 *
 * @param inFlight requests of one drive that are carried out at the same time
 * @param drain what requests under way have to end before an exchange goes on without them
 * @param call what a plug-in has to open, flush or close a disk
 * @param hang what a call of a request has before its plug-in counts as hung
 * @param grace what a plug-in has to come back after it was interrupted
 * @param patience how long a drive waits for a plug-in before its machine has to stand still
 */
record DriveLimits(int inFlight, long drain, long call, long hang, long grace, long patience) {

	static DriveLimits millis(int inFlight, long drain, long call, long hang, long grace, long patience) {
		return new DriveLimits(inFlight, nanos(drain), nanos(call), nanos(hang), nanos(grace), nanos(patience));
	}

	private static long nanos(long millis) {
		return TimeUnit.MILLISECONDS.toNanos(millis);
	}
}
