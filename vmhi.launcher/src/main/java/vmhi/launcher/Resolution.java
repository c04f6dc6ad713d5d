package vmhi.launcher;

import java.nio.file.Path;
import java.util.List;

/**
 * The bundles that make a platform.
 *
 * @param remarks lines for the operator on what is left out
 */
record Resolution(List<Bundle> bundles, List<String> remarks) {

	/** A jar to install, and the start level to give it. */
	record Bundle(Path jar, int startLevel) {}
}
