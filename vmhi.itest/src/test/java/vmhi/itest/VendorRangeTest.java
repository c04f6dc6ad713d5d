package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;

import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineState;
import vmhi.api.mgmt.Plugins.Plugin;

/**
 * The vendor's bundle that the documentation walks through, under a guest that was there before it: it comes, is updated,
 * goes and comes back, and the guest, which knows nothing but its UUID, finds what it kept.
 */
@PaxExam
public class VendorRangeTest {
	private static final String ROLE = "hypercall:example.store";
	private static final String REPORT = "vendor: calls ([0-9]+) sum ([0-9]+) retried [0-9]+ wrong ([0-9]+) other ([0-9]+)";

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("VendorRangeTest") };
	}

	@Test
	public void aGuestKeepsItsStateInAVendorsRangeWhoseBundleIsUpdatedRemovedAndBack() throws Exception {
		Lab lab = new Lab();
		try (Lab.Running guest = lab.guest("vendor", "ms=50").start()) {
			guest.awaitOutput("vendor: no range");
			Plugin plugin = lab.hypervisor().plugins().install(example("1.0.0"));
			try {
				guest.awaitOutput("vendor: range 0x8000 version 1.0");
				guest.awaitOutput(REPORT);
				for (int i = 1; i <= 20; i++) {
					plugin = lab.hypervisor().plugins().update(plugin.id(), example("1.0." + i));
					assertEquals("1.0." + i, served(guest.machine().snapshot()));
				}
				guest.awaitProgress();

				lab.hypervisor().plugins().remove(plugin.id());
				awaitLastWord(guest, "away");
				assertEquals(MachineState.RUNNING, guest.state());

				plugin = lab.hypervisor().plugins().install(example("1.1.0"));
				awaitLastWord(guest, "back");
				guest.awaitProgress();
				guest.type("q");

				Matcher end = guest.awaitEnd(REPORT);
				System.out.println("a vendor's range under 20 updates: " + end.group());
				assertTrue(Long.parseLong(end.group(1)) > 0);
				assertEquals(end.group(1), end.group(2), "each call counted once");
				assertEquals("0", end.group(3), "wrong");
				assertEquals("0", end.group(4), "other");
				assertTrue(guest.events("plugin.restarted").isEmpty(), "each bundle took the state of the one before");
			} finally {
				lab.hypervisor().plugins().remove(plugin.id());
			}
		}
	}

	/** Waits until the last that the guest said of the range is this. */
	private static void awaitLastWord(Lab.Running guest, String word) {
		Lab.await("guest that says " + word, () -> {
			String output = guest.output();
			String other = word.equals("away") ? "back" : "away";
			return output.lastIndexOf("vendor: " + word) > output.lastIndexOf("vendor: " + other) ? true : null;
		});
	}

	private static String served(MachineSnapshot machine) {
		return machine.plugins().stream().filter(p -> p.role().equals(ROLE)).findFirst().orElseThrow().version();
	}

	/** The example's jar, as another version of it. */
	private static InputStream example(String version) throws IOException {
		Path jar = Path.of(System.getProperty("vmhi.example.range"));
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
			Manifest manifest = new Manifest(in.getManifest());
			manifest.getMainAttributes().putValue("Bundle-Version", version);
			try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
				for (JarEntry entry; (entry = in.getNextJarEntry()) != null;) {
					out.putNextEntry(new JarEntry(entry.getName()));
					in.transferTo(out);
				}
			}
		}
		return new ByteArrayInputStream(bytes.toByteArray());
	}
}
