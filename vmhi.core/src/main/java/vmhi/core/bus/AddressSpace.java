package vmhi.core.bus;

import java.util.Arrays;
import java.util.Optional;

/**
 * Who answers at which address. Reading takes no lock and allocates nothing: the table is an immutable array, and a
 * change puts a new one in its place.
 * <p>
 * {@link #find} is for any thread. A range that was removed may still be in use by who found it before; waiting for
 * those is the caller's affair (see {@code VcpuSlot}).
 */
public final class AddressSpace {

	/** Sorted by first address; ranges do not overlap. Addresses are compared unsigned. */
	private volatile Claimed[] table = {};

	/** The range that holds the address, or {@code null}. */
	public Claimed find(long address) {
		Claimed[] ranges = table;
		int low = 0;
		int high = ranges.length - 1;
		while (low <= high) {
			int middle = low + high >>> 1;
			Claimed range = ranges[middle];
			if (Long.compareUnsigned(address, range.first) < 0)
				high = middle - 1;
			else if (Long.compareUnsigned(address - range.first, range.size) < 0)
				return range;
			else
				low = middle + 1;
		}
		return null;
	}

	/**
	 * Adds a range.
	 *
	 * @return the range that is in its way, if any; nothing has then changed
	 */
	public synchronized Optional<Claimed> add(Claimed range) {
		for (Claimed other : table)
			if (other.overlaps(range))
				return Optional.of(other);
		Claimed[] next = Arrays.copyOf(table, table.length + 1);
		next[table.length] = range;
		Arrays.sort(next, (a, b) -> Long.compareUnsigned(a.first, b.first));
		table = next;
		return Optional.empty();
	}

	/** Removes a range; one that isn't there is ignored. */
	public synchronized void remove(Claimed range) {
		table = Arrays.stream(table).filter(other -> other != range).toArray(Claimed[]::new);
	}
}
