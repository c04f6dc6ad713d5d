package vmhi.softcpu.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;

/** Recorded results, for hosts without a processor to ask. */
class CorpusTest {
	private static final int MOST_REPORTED = 10;

	private static Corpus recorded() throws IOException {
		return Corpus.read(CorpusTest.class.getResourceAsStream(Corpus.RESOURCE));
	}

	private static String describe(Case given) {
		return "%d:%d %s %s%n".formatted(given.seed(), given.index(), given.names(),
				HexFormat.of().formatHex(given.code(), 0, given.length()));
	}

	@Test
	@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
	void softwareDoesWhatWasRecorded() throws IOException, CpuException {
		Optional<CpuBackend> tested = Backends.soft();
		assumeTrue(tested.isPresent(), "no software backend");
		List<Case> different = recorded().differences(tested.get(), Differential.features(tested.get()));
		StringBuilder report = new StringBuilder();
		different.stream().limit(MOST_REPORTED).forEach(each -> report.append(describe(each)));
		assertEquals("", report.toString(), () -> different.size() + " differ");
	}

	/** Where the host's processor can be asked it agrees with the record, and the record with an error does not. */
	@Test
	void aWrongRecordIsNoticed() throws IOException, CpuException {
		Optional<CpuBackend> processor = Backends.kvm();
		assumeTrue(processor.isPresent(), "no /dev/kvm that can be used");
		Corpus corpus = recorded();
		int wrong = 0;
		while (corpus.results()[wrong] == 0)
			wrong++;
		corpus.results()[wrong] ^= 1;
		List<Case> different = corpus.differences(processor.get(), Differential.FEATURES.keySet());
		int planted = wrong;
		assertFalse(different.stream().noneMatch(each -> each.index() == planted));
	}
}
