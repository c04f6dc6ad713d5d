package vmhi.api.device;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/**
 * What a machine's specification says of one device, beside its kind and name.
 * <p>
 * Each method throws a {@link DeviceException} of kind {@code SETTINGS} whose message names the place in the
 * specification, for example {@code devices[2].irq is 77, not 0..23}, when the setting is missing and has no default, is
 * of another type, or is out of range. Belongs to the thread that calls {@link DeviceFactory#create}.
 */
@ProviderType
public interface Settings {

	/** The name of the device, unique in its machine; {@code a-z}, {@code 0-9} and {@code -}, at most 32 characters. */
	String name();

	/** Tells whether there is such a setting. It does not count as read. */
	boolean has(String key);

	/** A text that must be there. */
	String text(String key) throws DeviceException;

	/** A text. */
	String text(String key, String missing) throws DeviceException;

	/** A whole number that must be there; JSON number, or text such as {@code "0x3f8"}. */
	long number(String key, long least, long most) throws DeviceException;

	/** A whole number. {@code missing} need not lie in the range. */
	long number(String key, long least, long most, long missing) throws DeviceException;

	/** A truth value. */
	boolean flag(String key, boolean missing) throws DeviceException;

	/** A list of texts; empty if missing. */
	List<String> texts(String key) throws DeviceException;

	/** A list of objects; empty if missing. Their {@link #name} is this one's. */
	List<Settings> sections(String key) throws DeviceException;

	/** Makes the exception for a setting that is wrong for another reason: {@code "devices[2].irq " + why}. */
	DeviceException refuse(String key, String why);
}
