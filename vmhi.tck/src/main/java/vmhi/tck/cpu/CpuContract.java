package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict;
import vmhi.api.cpu.HostVerdict.Fitness;
import vmhi.api.memory.GuestMemory;
import vmhi.tck.memory.TestMemory;

/** What a test class of a CPU backend says; the contracts begin from it. */
public interface CpuContract {

	/** The backend under test. */
	CpuBackend backend();

	/** RAM for a guest: 16 MiB from address 0 on. */
	default GuestMemory memory() {
		return new TestMemory(16 << 20);
	}

	/** Skips where the host does not let the backend run anything. */
	@BeforeEach
	default void hostHasWhatItTakes() {
		HostVerdict verdict = backend().probe();
		assumeTrue(verdict.fitness() != Fitness.UNAVAILABLE, verdict.summary());
	}
}
