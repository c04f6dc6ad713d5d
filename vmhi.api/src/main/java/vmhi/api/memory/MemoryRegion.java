package vmhi.api.memory;

/**
 * One contiguous run of guest RAM.
 *
 * @param gpa guest-physical address of its first byte, on a 4 KiB boundary
 * @param size bytes, a positive multiple of 4096; {@code gpa + size} does not wrap
 * @param hostAddress address of its first byte in this process, on a 4 KiB boundary; what a backend maps or reads
 *        directly. Valid for as long as the {@link GuestMemory} that gave it can be reached.
 */
public record MemoryRegion(long gpa, long size, long hostAddress) {

	/** First address after the region. */
	public long end() {
		return gpa + size;
	}

	/** Tells whether all of {@code length} bytes, 0 or more, from {@code address} lie in this region. */
	public boolean contains(long address, long length) {
		long offset = address - gpa;
		return Long.compareUnsigned(offset, size) < 0 && length <= size - offset;
	}
}
