package vmhi.core.vdisk;

/**
 * How long things may take.
 *
 * @param requestMillis a request, before its format counts as hung
 * @param patienceMillis a drive without a format, before its machine has to stand still
 * @param callMillis opening or closing an image
 * @param drainMillis requests under way, to end before an exchange
 */
record DriveTimes(long requestMillis, long patienceMillis, long callMillis, long drainMillis) {}
