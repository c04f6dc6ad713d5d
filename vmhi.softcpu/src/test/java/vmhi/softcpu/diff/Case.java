package vmhi.softcpu.diff;

import java.util.List;
import java.util.Set;

/**
 * One case: what it begins with, its code, and what of its results may differ.
 *
 * @param slot where in the batch it is; its addresses depend on it
 * @param wide 64-bit code rather than 32-bit
 * @param names of its instructions
 * @param features that they need
 * @param code with the jump back, as long as {@link Layout#CODE_SIZE}
 * @param length of the code without what follows the jump back
 * @param record as it is before the run
 * @param undefined flags that are undefined at the end
 * @param everUndefined flags that are undefined somewhere on the way, so when a fault ends it
 * @param approximation what of the results has a tolerance
 * @param unspecified part of the scratch memory that holds x87 pointers, from-to; empty if from is to
 */
record Case(long seed, int index, int slot, boolean wide, List<String> names, Set<String> features, byte[] code,
		int length, byte[] record, int undefined, int everUndefined, Approximation approximation, int unspecifiedFrom,
		int unspecifiedTo) {

	/** Results that are not exact by their specification. */
	enum Approximation {
		NONE,
		/** x87 transcendentals: within an ulp (SDM volume 1, 8.3.10). */
		TRANSCENDENTAL,
		/** RCP and RSQRT: relative error up to 1.5 * 2^-12 (SDM volume 2, RCPPS). */
		RECIPROCAL
	}
}
