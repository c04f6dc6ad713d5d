package vmhi.api.vdisk;

import java.util.Map;

import org.osgi.annotation.versioning.ConsumerType;

/** A {@link VirtualDisk} that has more to say about itself than its size. */
@ConsumerType
public interface Described {

	/** Logical block size in bytes, 512 or 4096: a guest that is told so issues requests in multiples of it. */
	int blockSize();

	/** Particulars in the words of the format, such as {@code cluster_size}, for people to read. */
	Map<String, String> particulars();
}
