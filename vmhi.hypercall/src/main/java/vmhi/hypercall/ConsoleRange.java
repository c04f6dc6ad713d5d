package vmhi.hypercall;

import java.util.List;
import java.util.UUID;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.HypercallRange;
import vmhi.api.hypercall.RangeHandler;
import vmhi.api.hypercall.RangeHost;
import vmhi.api.hypercall.RangeInfo;
import vmhi.api.hypercall.RangeInfo.Effect;
import vmhi.api.hypercall.RangeInfo.Function;
import vmhi.api.hypercall.RangeProvider;

/** Console and log: text that a guest has for people, without a serial port (docs/hypercall-abi.md, "Console and log"). */
@Component
@HypercallRange("console")
@Designate(ocd = ConsoleRange.Config.class)
public final class ConsoleRange implements RangeProvider {
	static final int WRITE = 1;
	static final int LOG = 2;
	static final int TRACE = 3;

	private static final RangeInfo INFO = new RangeInfo(UUID.fromString("4e3b6b0c-6c0a-5f3e-9a51-56d6a8a1c002"),
			"console",
			Abi.OWNER_CONSOLE, 1, 0, 0, List.of(
					new Function(WRITE, "WRITE", 2, 0, Effect.STATEFUL),
					new Function(LOG, "LOG", 3, 0, Effect.STATEFUL),
					new Function(TRACE, "TRACE", 3, 0, Effect.STATEFUL)));

	@ObjectClassDefinition(name = "Console and log hypercalls")
	@interface Config {
		@AttributeDefinition(
				description = "Log and trace records a second that a machine may make; more are counted and "
						+ "dropped",
				min = "1")
		int recordsPerSecond() default 100;
	}

	private final Config config;

	/** With its configuration. */
	@Activate
	public ConsoleRange(Config config) {
		this.config = config;
	}

	@Override
	public RangeInfo info() {
		return INFO;
	}

	@Override
	public RangeHandler open(RangeHost host) {
		return new ConsoleHandler(host, config.recordsPerSecond());
	}
}
