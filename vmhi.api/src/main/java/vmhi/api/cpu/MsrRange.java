package vmhi.api.cpu;

/**
 * Consecutive model-specific registers.
 *
 * @param first index of the first, an unsigned 32-bit number
 * @param count 1 or more
 */
public record MsrRange(int first, int count) {

	/** Tells whether {@code index} is one of them. */
	public boolean contains(int index) {
		return Integer.compareUnsigned(index - first, count) < 0;
	}
}
