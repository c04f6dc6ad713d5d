package vmhi.core.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The directory that all state of this host lies in: framework property {@value #PROPERTY}, or {@code .vmhi} in the
 * user's own. It is locked for as long as this component lives, because two hosts in one home would ruin each other.
 */
@Component(service = Home.class)
public final class Home implements AutoCloseable {

	/** The framework property. */
	public static final String PROPERTY = "vmhi.home";

	private final Path path;
	private final FileChannel lock;

	/** The home of this framework. */
	@Activate
	public Home(BundleContext context) throws IOException {
		this(configured(context.getProperty(PROPERTY)));
	}

	/**
	 * A home somewhere; it is made if there is none.
	 *
	 * @throws IOException also if another host is at home there
	 */
	public Home(Path path) throws IOException {
		this.path = path.toAbsolutePath().normalize();
		Durable.createDirectories(this.path);
		lock = FileChannel.open(this.path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
		if (!locked(lock)) {
			lock.close();
			throw new IOException("%s is the home of another VMHI that is running; give one of them another with -D%s"
					.formatted(this.path, PROPERTY));
		}
	}

	private static Path configured(String property) {
		return property == null || property.isBlank() ? Path.of(System.getProperty("user.home"), ".vmhi")
				: Path.of(property);
	}

	private static boolean locked(FileChannel channel) throws IOException {
		try {
			FileLock lock = channel.tryLock();
			return lock != null;
		} catch (OverlappingFileLockException e) {
			return false; // by this very JVM
		}
	}

	/** The directory; it exists, and is for this user alone where VMHI made it. */
	public Path path() {
		return path;
	}

	/** Leaves it to the next. */
	@Override
	@Deactivate
	public void close() throws IOException {
		lock.close();
	}
}
