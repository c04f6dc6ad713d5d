package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.JarFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class RenumberedJarTest {

	@Test
	void onlyTheVersionDiffers(@TempDir Path folder) throws IOException {
		String name = RenumberedJarTest.class.getName().replace('.', '/') + ".class";
		Path jar = TestJars.write(folder.resolve("a.jar"), TestJars.bundle("acme.a", "1.0.0", "Import-Package", "x, y"),
				RenumberedJarTest.class);

		Path copy = folder.resolve("b.jar");
		Files.copy(RenumberedJar.of(jar, new Version("1.0.1")), copy);

		Map<String, String> expected = Dist.headers(jar);
		expected.put("Bundle-Version", "1.0.1");
		assertEquals(expected, Dist.headers(copy));
		try (JarFile before = new JarFile(jar.toFile()); JarFile after = new JarFile(copy.toFile())) {
			assertEquals(before.size(), after.size());
			assertArrayEquals(before.getInputStream(before.getEntry(name)).readAllBytes(),
					after.getInputStream(after.getEntry(name)).readAllBytes());
		}
	}
}
