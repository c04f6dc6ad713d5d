package vmhi.mgmt.rest;

import java.io.UncheckedIOException;
import java.time.Instant;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;

/**
 * How things look as JSON: records of the contract by the names of their components, constants of enumerations in lower
 * case, times as ISO 8601 in UTC, maps in the order of their keys.
 */
final class Json {

	private static final ObjectMapper MAPPER = JsonMapper.builder()
			.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
			.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
			.enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
			.enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
			.addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
			.build();

	private Json() {}

	/** On one line, in UTF-8. */
	static byte[] write(Object value) {
		try {
			return MAPPER.writeValueAsBytes(value);
		} catch (JsonProcessingException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** Reads one value, strictly; where it isn't JSON, the problem says the line and the column. */
	static JsonNode read(String text) throws Problem {
		try {
			JsonNode node = MAPPER.readTree(text);
			if (node.isMissingNode())
				throw new Problem(Fault.INVALID, "the body is empty, not JSON");
			return node;
		} catch (JsonProcessingException e) {
			JsonLocation at = e.getLocation() != null ? e.getLocation() : JsonLocation.NA;
			// what follows is about Jackson
			String what = e.getOriginalMessage().replaceAll("(?s)\\s*\\((start marker at|bound as) .*", "");
			throw new Problem(Fault.INVALID, "line %d, column %d: %s".formatted(at.getLineNr(), at.getColumnNr(), what))
					.with("line", at.getLineNr()).with("column", at.getColumnNr());
		}
	}
}
