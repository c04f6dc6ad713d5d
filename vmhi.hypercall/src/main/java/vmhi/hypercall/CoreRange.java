package vmhi.hypercall;

import java.util.List;
import java.util.UUID;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.HypercallRange;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeInfo.Effect;
import vmhi.api.hypercall.RangeInfo.Function;
import vmhi.api.hypercall.RangeProvider;

/** The core range: what a guest finds out about the interface itself (docs/hypercall-abi.md, "Core"). */
@Component
@HypercallRange("core")
public final class CoreRange implements RangeProvider {
	static final int QUERY = 1;
	static final int RANGE_LOOKUP = 2;
	static final int RANGE_ENUM = 3;
	static final int GUEST_ID = 10;
	static final int NOP = 11;

	private static final RangeInfo INFO = new RangeInfo(UUID.fromString("4e3b6b0c-6c0a-5f3e-9a51-56d6a8a1c001"), "core",
			Abi.OWNER_CORE, 1, 0, 0, List.of(
					new Function(QUERY, "QUERY", 0, 0, Effect.PURE),
					new Function(RANGE_LOOKUP, "RANGE_LOOKUP", 4, 0, Effect.PURE),
					new Function(RANGE_ENUM, "RANGE_ENUM", 2, 0, Effect.PURE),
					new Function(GUEST_ID, "GUEST_ID", 1, 0, Effect.IDEMPOTENT),
					new Function(NOP, "NOP", 1, 0, Effect.PURE)));

	/** Nothing to set up. */
	@Activate
	public CoreRange() {}

	@Override
	public RangeInfo info() {
		return INFO;
	}

	@Override
	public RangeHandler open(RangeHost host) {
		return new CoreHandler(host);
	}
}
