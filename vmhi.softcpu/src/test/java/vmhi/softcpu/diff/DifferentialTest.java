package vmhi.softcpu.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.CpuSetup;
import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.Processor;
import vmhi.softcpu.diff.Differential.Difference;

/** The short forms: as many cases as go into {@value #SECONDS} seconds, or {@code -Dvmhi.diff.count} of them. */
class DifferentialTest {
	private static final int SECONDS = 10;
	private static final int MOST_REPORTED = 5;
	/** Cases that are run in translated code: four batches. */
	private static final int TRANSLATED = 4 * Layout.MOST_CASES;

	@Test
	@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
	void softwareDoesWhatTheProcessorDoes() throws CpuException {
		Optional<CpuBackend> reference = Backends.kvm();
		Optional<CpuBackend> tested = Backends.soft();
		assumeTrue(reference.isPresent(), "no /dev/kvm that can be used: the recorded cases are run instead");
		assumeTrue(tested.isPresent(), "no software backend");
		try (Differential differential = new Differential(reference.get(), tested.get(),
				Differential.features(tested.get()))) {
			run(differential, Long.getLong("vmhi.diff.seed", 1));
		}
	}

	private static void run(Differential differential, long seed) throws CpuException {
		long count = Long.getLong("vmhi.diff.count", 0);
		long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
		List<Difference> all = new ArrayList<>();
		for (long done = 0; count > 0 ? done < count : System.nanoTime() < deadline; done += Layout.MOST_CASES) {
			all.addAll(differential.batch(seed, (int) done, Layout.MOST_CASES));
			if (all.size() > MOST_REPORTED)
				break;
		}
		StringBuilder report = new StringBuilder();
		all.stream().limit(MOST_REPORTED).forEach(each -> report.append(Report.of(each)).append('\n'));
		assertEquals("", report.toString());
	}

	/** In a JVM of its own, where everything is hot at once: see {@code docs/softcpu-testing.md}. */
	@Test
	@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
	void translatedCodeDoesWhatTheProcessorDoes() throws IOException, InterruptedException {
		assumeTrue(Backends.kvm().isPresent(), "no /dev/kvm that can be used");
		assumeTrue(Backends.soft().isPresent(), "no software backend");
		List<String> command = new ArrayList<>(List.of(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
				"-Dvmhi.softcpu.hot=1", "-Dvmhi.softcpu.eager=true", "-Dvmhi.diff.runs=3",
				"-Dvmhi.diff.count=" + TRANSLATED, "-Dvmhi.diff.most=" + MOST_REPORTED, "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				DifferentialRunner.class.getName()));
		if (Runtime.version().feature() >= 22)
			command.add(1, "--enable-native-access=ALL-UNNAMED");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertEquals(0, process.waitFor(), said);
		assertFalse(said.contains("stays interpreted"), said);
	}

	@Test
	void aBackendWithAnErrorIsFound() throws CpuException {
		Optional<CpuBackend> processor = Backends.kvm();
		assumeTrue(processor.isPresent(), "no /dev/kvm that can be used");
		CpuBackend flawed = new Flawed(processor.get());
		try (Differential differential = new Differential(processor.get(), flawed, Set.of())) {
			List<Difference> differences = differential.batch(1, 0, 2 * Flawed.SLOT);
			assertTrue(differences.stream().anyMatch(each -> each.given().slot() == Flawed.SLOT
					&& each.what().stream().anyMatch(what -> what.startsWith("r9: "))), () -> "found " + differences);
		}
	}

	/** Changes R9 after one of the cases. */
	private record Flawed(CpuBackend sound) implements CpuBackend {
		static final int SLOT = 11;

		@Override
		public HostVerdict probe() {
			return sound.probe();
		}

		@Override
		public CpuidTable supportedCpuid() throws CpuException {
			return sound.supportedCpuid();
		}

		@Override
		public Processor create(CpuSetup setup, CpuHost host) throws CpuException {
			long at = Layout.record(SLOT) + Layout.OUT_REGISTERS + 9 * 8;
			return sound.create(setup, (CpuHost) Proxy.newProxyInstance(CpuHost.class.getClassLoader(),
					new Class<?>[] { CpuHost.class }, (proxy, method, arguments) -> {
						setup.memory().putLong(at, setup.memory().getLong(at) ^ 4);
						return method.invoke(host, arguments);
					}));
		}
	}

	@Test
	void sameSeedMakesTheSameCase() {
		Generator generator = new Generator(wide(), narrow(), true);
		Case one = generator.make(3, 77);
		Case other = generator.make(3, 77);
		assertEquals(one.names(), other.names());
		assertTrue(Arrays.equals(one.code(), other.code()));
		assertTrue(Arrays.equals(one.record(), other.record()));
		assertFalse(Arrays.equals(one.record(), generator.make(4, 77).record()));
		assertFalse(Arrays.equals(one.record(), generator.make(3, 78).record()));
	}

	@Test
	void everyTemplateComesUp() {
		Generator generator = new Generator(wide(), narrow(), true);
		Map<String, Integer> seen = new HashMap<>();
		for (int i = 8 * Layout.MOST_CASES; i < 16 * Layout.MOST_CASES; i++)
			for (String name : generator.make(1, i).names())
				seen.merge(name, 1, Integer::sum);
		List<String> missing = new ArrayList<>();
		for (Template template : Templates.all())
			if (!seen.containsKey(template.family + "." + template.name))
				missing.add(template.family + "." + template.name);
		assertEquals(List.of(), missing);
	}

	static List<Template> wide() {
		return Templates.all().stream().filter(template -> template.wide).toList();
	}

	static List<Template> narrow() {
		return Templates.all().stream().filter(template -> template.narrow).toList();
	}
}
