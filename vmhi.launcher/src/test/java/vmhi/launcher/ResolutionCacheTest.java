package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolutionCacheTest {
	@TempDir
	Path folder;

	private Path jars;
	private Resolution resolution;

	@BeforeEach
	void remembered() throws IOException, Problem {
		jars = folder.resolve("jars");
		Path jar = TestJars.write(jars.resolve("a.jar"), TestJars.bundle("acme.a", "1.0.0"));
		resolution = new Resolution(List.of(new Resolution.Bundle(jar, 2)), List.of("one was left out"));
		cache("disk=raw").store(resolution);
	}

	@Test
	void whatIsRememberedIsFoundAgain() throws Problem {
		assertEquals(Optional.of(resolution), cache("disk=raw").load());
	}

	@Test
	void otherCompositionIsNotRemembered() throws Problem {
		assertEquals(Optional.empty(), cache("disk=qcow2").load());
	}

	@Test
	void jarThatComesChangesOrGoesMakesItForgotten() throws Problem, IOException {
		Path other = TestJars.write(jars.resolve("b.jar"), TestJars.bundle("acme.b", "1.0.0"));
		assertEquals(Optional.empty(), cache("disk=raw").load());
		Files.delete(other);
		assertEquals(Optional.of(resolution), cache("disk=raw").load());
		TestJars.write(jars.resolve("a.jar"), TestJars.bundle("acme.a", "1.0.0", "More", "x".repeat(100)));
		assertEquals(Optional.empty(), cache("disk=raw").load());
		Files.delete(jars.resolve("a.jar"));
		assertEquals(Optional.empty(), cache("disk=raw").load());
	}

	@Test
	void spoiledFileIsAsGoodAsNone() throws Problem, IOException {
		Path file = folder.resolve("cache/test.resolution");
		String text = Files.readString(file);
		Files.writeString(file, text.replace("bundle\t2\t", "bundle\ttwo\t"));
		assertEquals(Optional.empty(), cache("disk=raw").load());
		Files.write(file, new byte[] { (byte) 0xff, 0 });
		assertEquals(Optional.empty(), cache("disk=raw").load());
	}

	private ResolutionCache cache(String composition) throws Problem {
		return new ResolutionCache(folder.resolve("cache"), "test", Composition.parse("c", composition), List.of(jars));
	}
}
