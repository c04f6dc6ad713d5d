package vmhi.api.device;

import org.osgi.annotation.versioning.ProviderType;

/** Where things are in guest RAM when the guest starts. Valid during {@link BootContributor#contribute}. */
@ProviderType
public interface BootMap {

	/**
	 * Keeps a range of RAM from being given to the guest as free memory.
	 *
	 * @param type of the range in the guest's memory map: 2 reserved, 3 ACPI tables, 4 ACPI NVS (ACPI 6.5, table 15.4)
	 * @throws DeviceException if part of it is kept already
	 */
	void reserve(long gpa, long length, int type) throws DeviceException;

	/**
	 * Finds a free place and keeps it.
	 *
	 * @param length in bytes
	 * @param alignment a power of two
	 * @param below the range ends at this address or lower
	 * @return its GPA
	 */
	long place(long length, long alignment, long below, int type) throws DeviceException;

	/** Tells the guest where the ACPI root pointer is. */
	void acpiRootPointer(long gpa);
}
