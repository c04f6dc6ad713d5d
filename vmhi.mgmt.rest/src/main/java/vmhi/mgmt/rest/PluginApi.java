package vmhi.mgmt.rest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Plugins.Plugin;

/** Plug-in bundles. */
final class PluginApi {

	private static final long MOST_JAR = 64L << 20;

	/** Uploads at a time; each may take up {@link #MOST_JAR} on the disk. */
	private final Semaphore uploads = new Semaphore(4);

	/** Does something with a jar. */
	private interface Use {
		Plugin of(InputStream jar) throws Problem, MachineException;
	}

	List<Route> routes() {
		return List.of(
				Route.get("/plugins", Permission.VIEW,
						x -> Reply.json(200, Map.of("plugins", x.host().plugins().list()))),
				Route.post("/plugins", Permission.PLUGINS, this::install),
				Route.get("/plugins/{plugin}", Permission.VIEW, PluginApi::plugin),
				Route.put("/plugins/{plugin}", Permission.PLUGINS, this::update),
				Route.delete("/plugins/{plugin}", Permission.PLUGINS, PluginApi::remove));
	}

	private static Answer plugin(Exchange x) throws Problem {
		long id = x.number("plugin");
		return Reply.json(200, x.host().plugins().list().stream().filter(plugin -> plugin.id() == id).findAny()
				.orElseThrow(() -> new Problem(Fault.NOT_FOUND, "there is no plug-in " + id)));
	}

	private Answer install(Exchange x) throws Problem, MachineException, IOException {
		Plugin plugin = upload(x, x.host().plugins()::install);
		return Reply.json(201, plugin).with("Location", RestService.BASE + "/plugins/" + plugin.id());
	}

	private Answer update(Exchange x) throws Problem, MachineException, IOException {
		long id = x.number("plugin");
		return Reply.json(200, upload(x, jar -> x.host().plugins().update(id, jar)));
	}

	private static Answer remove(Exchange x) throws Problem, MachineException {
		x.host().plugins().remove(x.number("plugin"));
		return Reply.none();
	}

	/** By way of a file: a client that is slow, or leaves in the middle, doesn't keep others from their plug-ins. */
	private Plugin upload(Exchange x, Use use) throws Problem, MachineException, IOException {
		if (!uploads.tryAcquire())
			throw Held.busy();
		try {
			Path file = Files.createTempFile("vmhi-plugin-", ".jar");
			try {
				x.body().store(file, MOST_JAR);
				try (InputStream jar = Files.newInputStream(file)) {
					return use.of(jar);
				}
			} finally {
				Files.deleteIfExists(file);
			}
		} finally {
			uploads.release();
		}
	}
}
