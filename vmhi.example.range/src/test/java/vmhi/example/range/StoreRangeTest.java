package vmhi.example.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Annotation;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.hypercall.Abi;
import vmhi.api.hypercall.RangeInfo;

class StoreRangeTest {

	private record TestConfig(int values, int callsPerSecond) implements StoreRange.Config {
		@Override
		public Class<? extends Annotation> annotationType() {
			return StoreRange.Config.class;
		}
	}

	private final RangeInfo info = new StoreRange(new TestConfig(1, 500)).info();

	@Test
	void theNumberIsLeftToTheMachine() {
		assertEquals(-1, info.owner());
	}

	@Test
	void theLimitIsTheConfiguredOne() {
		assertEquals(500, info.callsPerSecond());
	}

	@Test
	void functionsAreInOrderAndForTheKernelAlone() {
		List<Integer> numbers = info.functions().stream().map(RangeInfo.Function::number).toList();
		assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
		for (RangeInfo.Function function : info.functions()) {
			assertTrue(function.number() < Abi.FUNCTION_UUID, function::name);
			assertEquals(0, function.maxPrivilege(), function::name);
		}
	}
}
