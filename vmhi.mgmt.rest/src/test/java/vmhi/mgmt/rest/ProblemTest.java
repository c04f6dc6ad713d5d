package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineException.Kind;

class ProblemTest {

	@Test
	void eachKindOfFailureHasAStatus() {
		Map<Kind, Integer> statuses = new EnumMap<>(Map.of(Kind.INVALID, 400, Kind.NOT_FOUND, 404, Kind.CONFLICT, 409,
				Kind.MISSING_PLUGIN, 424, Kind.HOST, 500, Kind.CANCELLED, 409, Kind.INTERNAL, 500));
		for (Kind kind : Kind.values())
			assertEquals(statuses.get(kind), Problem.of(new MachineException(kind, "x")).reply().status());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			name: missing                          | #/name
			cpu.count: 0, not 1..64                | #/cpu/count
			disks[10].path: is a folder            | #/disks/10/path
			devices[2].settings.irq: taken         | #/devices/2/settings/irq
			plugins["cpu:kvm"]: not a range        | #/plugins/cpu:kvm
			labels["a/b~: \\"c\\" d"].x: not text    | #/labels/a~1b~0: "c" d/x
			specification: not an object           | #
			""")
	void fieldThatAMessageBeginsWithIsPointedAt(String message, String pointer) throws IOException {
		assertEquals(pointer, document(new MachineException(Kind.INVALID, message)).get("pointer").textValue());
	}

	@Test
	void otherMessagesHaveNoPointer() throws IOException {
		assertFalse(document(new MachineException(Kind.INVALID, "not an object")).has("pointer"));
		assertFalse(document(new MachineException(Kind.CONFLICT, "name: taken")).has("pointer"));
	}

	private static JsonNode document(MachineException e) throws IOException {
		return new ObjectMapper().readTree(Problem.ofSpecification(e).reply().body());
	}
}
