package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.VersionRange;

import vmhi.launcher.Composition.Wish;

class CompositionTest {

	@Test
	void valuesOfAFeatureAreSeparatedByCommas() throws Problem {
		assertEquals(List.of(new Wish(Feature.DISK, "raw", null, false), new Wish(Feature.DISK, "qcow2", null, false)),
				Composition.parse("c", "disk = raw, qcow2").wishes());
	}

	@Test
	void commaWithinARangeOfVersionsSeparatesNothing() throws Problem {
		assertEquals(
				List.of(new Wish(Feature.DISK, "raw", new VersionRange("[1.0,2)"), false),
						new Wish(Feature.DISK, "qcow2", new VersionRange("1.2"), true)),
				Composition.parse("c", "disk=raw;version=[1.0,2), qcow2?;version=\"1.2\"").wishes());
	}

	@Test
	void commentsAndEmptyLinesMeanNothing() throws Problem {
		assertEquals(List.of(new Wish(Feature.MGMT, "rest", null, false)),
				Composition.parse("c", "# all\n\n  mgmt=rest # by HTTP\n").wishes());
	}

	@Test
	void autoMeansAllThereAre() throws Problem {
		assertEquals(List.of(new Wish(Feature.CPU, "*", null, false)), Composition.parse("c", "cpu = auto").wishes());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', value = {
			"dsk = raw | c:2: \"\"dsk\"\" is not a feature; use one of bundle, cpu, device, disk, hypercall, mgmt, transport",
			"disk raw | c:2: \"\"disk raw\"\" is not of the form feature = value, value",
			"disk = raw, | c:2: a value of disk is missing",
			"disk = r*w | c:2: \"\"r*w\"\" is not a name; use letters, digits and . _ -, or * for all there are",
			"disk = raw;v=1 | c:2: \"\"v=1\"\" is not of the form version=[1.0,2)",
			"disk = raw;version=[2,1) | c:2: \"\"[2,1)\"\" is not a range of versions such as [1.0,2)",
			"disk = raw;version=x | c:2: \"\"x\"\" is not a range of versions such as [1.0,2)" })
	void whatCannotBeReadIsNamedWithItsLine(String line, String message) {
		assertEquals(message.replace("\"\"", "\""),
				assertThrows(Problem.class, () -> Composition.parse("c", "# first\n" + line)).getMessage());
	}

	@ParameterizedTest
	@ValueSource(strings = { "serve", "run", "doctor", "demo" })
	void whatComesWithTheLauncherCanBeRead(String name) {
		assertTrue(Composition.builtIn(name).wishes().stream().anyMatch(wish -> wish.feature() == Feature.CPU));
	}

	@Test
	void wishReadsAsItIsWritten() throws Problem {
		for (String line : List.of("disk=raw?;version=[1.0.0,2.0.0)", "cpu=*", "bundle=a.b-c"))
			assertEquals(line, Composition.parse("c", line).wishes().get(0).toString());
	}
}
