package vmhi.core.vdisk;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import vmhi.core.Eventually;

/** Notes what a drive tells. */
final class TestOwner implements DriveOwner {
	final List<String> told = new CopyOnWriteArrayList<>();

	@Override
	public void waiting(String drive, String reason) {
		told.add("waiting " + drive + ": " + reason);
	}

	@Override
	public void back(String drive) {
		told.add("back " + drive);
	}

	@Override
	public void report(String type, Map<String, String> data) {
		told.add(type + " " + data);
	}

	long count(String beginning) {
		return told.stream().filter(line -> line.startsWith(beginning)).count();
	}

	/** The first that begins so, once it is there. */
	String first(String beginning) throws Exception {
		Eventually.until(beginning + " in " + told, () -> count(beginning) > 0);
		return told.stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
	}
}
