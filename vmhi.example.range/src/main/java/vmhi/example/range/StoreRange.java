package vmhi.example.range;

import java.util.List;
import java.util.UUID;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import vmhi.api.hypercall.HypercallRange;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeInfo.Effect;
import vmhi.api.hypercall.RangeInfo.Function;
import vmhi.api.hypercall.RangeProvider;

/**
 * A vendor's range, to start from: a guest keeps small values by name, for as long as its machine has power. {@code
 * docs/writing-a-plugin.md} walks through it, and lists what a guest sees of it.
 */
@Component
@HypercallRange("example.store")
@Designate(ocd = StoreRange.Config.class)
public final class StoreRange implements RangeProvider {
	static final int PUT = 1;
	static final int GET = 2;
	static final int REMOVE = 3;
	static final int ADD = 4;

	/** Made once with {@code uuidgen}; guests find the range by it. The next major version will have another. */
	private static final UUID ID = UUID.fromString("7f32308c-ca38-45ca-9946-f4eb11b8047e");

	@ObjectClassDefinition(name = "Example: a store for guests")
	@interface Config {
		@AttributeDefinition(description = "Most values that a machine may keep", min = "1")
		int values() default 64;

		@AttributeDefinition(description = "Calls a second that a machine may make; 0 for no limit", min = "0")
		int callsPerSecond() default 0;
	}

	private final int values;
	private final RangeInfo info;

	/** With its configuration. */
	@Activate
	public StoreRange(Config config) {
		values = config.values();
		info = new RangeInfo(ID, "example.store", -1, 1, 0, config.callsPerSecond(), List.of(
				new Function(PUT, "PUT", 4, 0, Effect.IDEMPOTENT),
				new Function(GET, "GET", 4, 0, Effect.PURE),
				new Function(REMOVE, "REMOVE", 2, 0, Effect.IDEMPOTENT),
				new Function(ADD, "ADD", 3, 0, Effect.STATEFUL)));
	}

	@Override
	public RangeInfo info() {
		return info;
	}

	@Override
	public RangeHandler open(RangeHost host) {
		return new StoreHandler(values);
	}
}
