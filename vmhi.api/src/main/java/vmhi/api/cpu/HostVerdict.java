package vmhi.api.cpu;

import java.util.List;

/**
 * What a backend found out about the host.
 *
 * @param fitness whether machines run, and how well
 * @param summary one line for an operator: what is so, and where something is wrong what to do about it
 * @param maxVcpus most vCPUs in one machine; 0 where {@code fitness} is {@code UNAVAILABLE}
 * @param details further lines for a diagnosis, such as the capabilities found
 */
public record HostVerdict(Fitness fitness, String summary, int maxVcpus, List<String> details) {

	/** The details are kept as they are now. */
	public HostVerdict {
		details = List.copyOf(details);
	}

	/** Ordered from the best to the worst, so that a machine that leaves the choice open takes the least of them. */
	public enum Fitness {
		/** Any guest runs, at the speed of the host's processor. */
		FAST,
		/** Any guest runs, slowly. */
		SLOW,
		/** Small guests run; a full operating system does not, because supervisor code is not executed well. */
		LIMITED,
		/** Nothing runs. */
		UNAVAILABLE
	}
}
