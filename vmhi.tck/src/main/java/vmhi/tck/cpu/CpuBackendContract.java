package vmhi.tck.cpu;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.HostVerdict.Fitness;

/**
 * What every {@link CpuBackend} does, told by guests of a few instructions ({@code Snippets}). The test class of a
 * backend implements this interface and says which backend it is; JUnit then runs these tests along with the backend's
 * own. On a host where the backend is not available they are skipped; where it is {@link Fitness#LIMITED} they are not,
 * since guests as small as these run there.
 */
public interface CpuBackendContract extends CpuRunContract, CpuIoContract, CpuStateContract {}
