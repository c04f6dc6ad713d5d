package vmhi.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import vmhi.api.device.DeviceFactory;
import vmhi.api.vdisk.DiskFormat;
import vmhi.tck.device.DeviceContract;
import vmhi.tck.vdisk.VirtualDiskContract;

/** Runs contracts against what does not meet them, and looks at the report. */
class ContractsCatchFlawsTest {
	private static FlawedFormat.Flaw ofFormat; // JUnit makes the classes below, so this is how they are told
	private static FlawedDevice.Flaw ofDevice;

	@TempDir
	Path folder;

	@AfterEach
	void forget() {
		System.clearProperty(TckReport.PROPERTY);
	}

	static class Format implements VirtualDiskContract {
		@Override
		public DiskFormat format() {
			return new FlawedFormat(ofFormat);
		}

		@Override
		public int size() {
			return 1 << 20;
		}
	}

	static class OfDevice implements DeviceContract {
		@Override
		public DeviceFactory factory() {
			return settings -> new FlawedDevice(ofDevice);
		}

		@Override
		public String kind() {
			return "flawed";
		}
	}

	static class Unrelated {
		@Test
		void isNoContractTest() {
			assertTrue(true, "and is not in the report");
		}
	}

	@Test
	void formatWithoutFlawsMeetsItsContract() throws Exception {
		ofFormat = FlawedFormat.Flaw.NONE;
		String report = reportOn(selectClass(Format.class), selectClass(Unrelated.class));

		assertEquals(Set.of(), failed(report));
		String title = "vmhi.api.vdisk 1.0.0, by " + Format.class.getName();
		assertEquals("""
				VMHI compatibility kit 1.0.0

				MEETS: 18 passed, 0 failed, 6 skipped: %s

				%s
				""".formatted(title, title), report.substring(0, report.indexOf("  pass")));
		assertTrue(report.contains("\n  skip snapshotKeepsTheDiskAsItWas: Assumption failed: is not Snapshotted\n"),
				report);
	}

	@Test
	void deviceWithoutFlawsMeetsItsContract() throws Exception {
		ofDevice = FlawedDevice.Flaw.NONE;
		assertEquals(Set.of(), failed(reportOn(selectClass(OfDevice.class))));
	}

	@Test
	void runWithoutContractsWritesNoReport() throws Exception {
		assertEquals("", reportOn(selectClass(Unrelated.class)));
	}

	@ParameterizedTest
	@CsvSource({
			"FLUSHES_NOTHING,   whatWasFlushedSurvivesAPowerCut",
			"WRITES_SECTORS,    writeThatIsNotAlignedLeavesItsNeighboursAlone",
			"DISCARDS_NOTHING,  discardedRangeReadsAsZeros",
			"CALLS_DATA_A_HOLE, whatWasWrittenIsNoHole",
			"TRUSTS_ITS_IMAGE,  spoiltImageIsRefusedOrOpenedButBreaksNothing",
			"KEEPS_IMAGE,       imageIsGivenUpEvenIfItCannotBeFlushed" })
	void flawOfAFormatIsCaught(FlawedFormat.Flaw flaw, String test) throws Exception {
		ofFormat = flaw;
		String report = reportOn(selectMethod(Format.class, test));

		assertEquals(Set.of(test), failed(report), report);
		assertTrue(report.contains("DOES NOT MEET: 0 passed, 1 failed"), report);
	}

	@ParameterizedTest
	@CsvSource({
			"THROWS,           anyAccessToAnyRegisterGetsAnAnswer",
			"ALLOCATES,        accessToARegisterAllocatesNothing",
			"FORGETS_REGISTER, anotherDeviceTakesOverWithTheState",
			"IGNORES_RESET,    resetBringsBackTheStateAfterPowerOn",
			"TRUSTS_STATE,     spoiltStateIsRefusedOrTakenButBreaksNothing",
			"LEAVES_THREAD,    closedDeviceLeavesNoThread",
			"TAKES_ANY_STATE,  stateOfAnotherKindIsRefused" })
	void flawOfADeviceIsCaught(FlawedDevice.Flaw flaw, String test) throws Exception {
		ofDevice = flaw;
		String report = reportOn(selectMethod(OfDevice.class, test));

		assertEquals(Set.of(test), failed(report), report);
	}

	private String reportOn(DiscoverySelector... selectors) throws Exception {
		Path file = folder.resolve("report.txt");
		System.setProperty(TckReport.PROPERTY, file.toString());
		// JUnit finds the report as it does any listener, by META-INF/services
		LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selectors).build());
		return Files.exists(file) ? Files.readString(file) : "";
	}

	private static Set<String> failed(String report) {
		Set<String> failed = new TreeSet<>();
		for (String line : List.of(report.split("\n")))
			if (line.startsWith("  FAIL "))
				failed.add(line.replaceFirst("  FAIL (\\w+).*", "$1"));
		return failed;
	}
}
