package vmhi.core.vdisk;

/**
 * How long things may take.
 *
 * @param requestMillis a request, before its format counts as hung
 * @param patienceMillis a drive without a format, before its machine has to stand still
 */
record DriveTimes(long requestMillis, long patienceMillis) {}
