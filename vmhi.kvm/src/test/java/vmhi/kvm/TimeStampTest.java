package vmhi.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.HostVerdict.Fitness;

/** The rate of the time-stamp counter, which guests are told so that they need not measure it. */
class TimeStampTest {

	@Test
	void theRateOfTheTimeStampCounterIsThatOfSomeProcessor() {
		assumeTrue(Guest.BACKEND.probe().fitness() != Fitness.UNAVAILABLE, () -> Guest.BACKEND.probe().summary());
		int khz = new KvmProbe("/dev/kvm").timeStampKhz();

		assertTrue(khz > 100_000 && khz < 20_000_000, () -> khz + " kHz");
	}

	@Test
	void itIsNotKnownWhereThereIsNoKvm() {
		assertEquals(0, new KvmProbe("/dev/null/kvm").timeStampKhz());
	}
}
