package vmhi.core.spec;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;

import vmhi.api.machine.MachineException;

/**
 * JSON as plain values: {@link String}, {@link Long}, {@link Double}, {@link Boolean}, {@code null}, {@link List} and
 * {@link Map}, the latter two unmodifiable and in the order of the text. For any thread.
 * <p>
 * Strict: one value and nothing behind it, no key twice in an object, no number beyond 64 bits, no text that Unicode
 * has no encoding for. The text may come from anyone.
 */
public final class Json {

	// Names of fields are not shared between parsers: what a client makes up would stay there.
	private static final JsonFactory FACTORY = JsonFactory.builder()
			.disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
			.streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(100).build())
			.build();

	private static final String INDENT = "  ";

	private final JsonParser parser;
	private final int depth;

	private Json(JsonParser parser, int depth) {
		this.parser = parser;
		this.depth = depth;
	}

	/**
	 * Reads a text.
	 *
	 * @param name what messages call the whole of it
	 * @param depth most objects and lists inside each other
	 * @throws MachineException of kind {@code INVALID}; its message begins with the place
	 */
	public static Object read(String text, String name, int depth) throws MachineException {
		Place root = Place.root(name);
		try (JsonParser parser = FACTORY.createParser(text)) {
			Json json = new Json(parser, depth);
			Object value = json.value(json.next(root), root, depth);
			if (json.next(root) != null)
				throw json.refuse(root, "there is something behind its end");
			return value;
		} catch (IOException e) {
			throw new UncheckedIOException(e); // closing: there is no file behind it
		}
	}

	private JsonToken next(Place place) throws MachineException {
		try {
			return parser.nextToken();
		} catch (JsonProcessingException e) {
			throw refuse(place, "not JSON: " + oneLine(e.getOriginalMessage()), e.getLocation());
		} catch (IOException e) {
			throw new UncheckedIOException(e); // the text is in memory
		}
	}

	private Object value(JsonToken token, Place place, int left) throws MachineException {
		if (token == null)
			throw refuse(place, "not JSON: it is empty");
		try {
			return switch (token) {
				case START_OBJECT -> object(place, left);
				case START_ARRAY -> list(place, left);
				case VALUE_STRING -> wellFormed(parser.getText(), place);
				case VALUE_NUMBER_INT -> integer(place);
				case VALUE_NUMBER_FLOAT -> fraction(place);
				case VALUE_TRUE -> true;
				case VALUE_FALSE -> false;
				case VALUE_NULL -> null;
				default -> throw refuse(place, "not JSON");
			};
		} catch (JsonProcessingException e) { // text is read when it is asked for
			throw refuse(place, "not JSON: " + oneLine(e.getOriginalMessage()), e.getLocation());
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private Map<String, Object> object(Place place, int left) throws IOException, MachineException {
		if (left == 0)
			throw refuse(place, "more than %d objects and lists inside each other".formatted(depth));
		Map<String, Object> object = new LinkedHashMap<>();
		for (JsonToken token = next(place); token != JsonToken.END_OBJECT; token = next(place)) {
			String key = wellFormed(parser.currentName(), place);
			Place field = place.field(key);
			if (object.containsKey(key))
				throw refuse(field, "there twice");
			object.put(key, value(next(field), field, left - 1));
		}
		return Collections.unmodifiableMap(object);
	}

	private List<Object> list(Place place, int left) throws MachineException {
		if (left == 0)
			throw refuse(place, "more than %d objects and lists inside each other".formatted(depth));
		List<Object> list = new ArrayList<>();
		for (JsonToken token = next(place); token != JsonToken.END_ARRAY; token = next(place))
			list.add(value(token, place.item(list.size()), left - 1));
		return Collections.unmodifiableList(list);
	}

	private Long integer(Place place) throws IOException, MachineException {
		return switch (parser.getNumberType()) {
			case INT, LONG -> parser.getLongValue();
			default -> throw refuse(place, "a number beyond 64 bits");
		};
	}

	private Double fraction(Place place) throws IOException, MachineException {
		double value = parser.getDoubleValue();
		if (Double.isInfinite(value))
			throw refuse(place, "a number beyond 64 bits");
		return value;
	}

	private String wellFormed(String text, Place place) throws MachineException {
		if (!isWellFormed(text))
			throw refuse(place, "half of a surrogate pair, which is no character");
		return text;
	}

	private MachineException refuse(Place place, String why) {
		return refuse(place, why, parser.currentTokenLocation());
	}

	private MachineException refuse(Place place, String why, JsonLocation at) {
		JsonLocation known = at == null ? parser.currentLocation() : at;
		return new MachineException(MachineException.Kind.INVALID, "%s: %s (line %d, column %d)".formatted(place, why,
				Math.max(1, known.getLineNr()), Math.max(1, known.getColumnNr())));
	}

	/** Jackson quotes what it found; bounded, without line breaks, and without the name of a file that there isn't. */
	private static String oneLine(String message) {
		String line = message.replaceAll("\\p{Cntrl}+", " ").replaceAll("\\[Source: [^;]*; ", "[");
		return line.length() > 200 ? line.substring(0, 200) + "..." : line;
	}

	/** Whether UTF-8 can encode the text. */
	static boolean isWellFormed(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (!Character.isSurrogate(c))
				continue;
			if (Character.isLowSurrogate(c) || i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(++i)))
				return false;
		}
		return true;
	}

	/** Writes a value for people to read. */
	public static String write(Object value) {
		DefaultIndenter indent = new DefaultIndenter(INDENT, "\n");
		DefaultPrettyPrinter printer = new DefaultPrettyPrinter()
				.withSeparators(Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER)
						.withObjectEmptySeparator("").withArrayEmptySeparator(""));
		printer.indentObjectsWith(indent);
		printer.indentArraysWith(indent);
		return write(value, printer) + "\n";
	}

	/** Writes a value as one line. */
	public static String line(Object value) {
		return write(value, null);
	}

	private static String write(Object value, DefaultPrettyPrinter printer) {
		StringWriter text = new StringWriter();
		try (JsonGenerator out = FACTORY.createGenerator(text)) {
			out.setPrettyPrinter(printer);
			write(out, value);
		} catch (IOException e) {
			throw new UncheckedIOException(e); // it goes to memory
		}
		return text.toString();
	}

	private static void write(JsonGenerator out, Object value) throws IOException {
		if (value == null) {
			out.writeNull();
		} else if (value instanceof String text) {
			out.writeString(text);
		} else if (value instanceof Long number) {
			out.writeNumber(number);
		} else if (value instanceof Double number) {
			out.writeNumber(number);
		} else if (value instanceof Boolean flag) {
			out.writeBoolean(flag);
		} else if (value instanceof List<?> list) {
			out.writeStartArray();
			for (Object item : list)
				write(out, item);
			out.writeEndArray();
		} else if (value instanceof Map<?, ?> map) {
			out.writeStartObject();
			for (Map.Entry<?, ?> field : map.entrySet()) {
				out.writeFieldName((String) field.getKey());
				write(out, field.getValue());
			}
			out.writeEndObject();
		} else {
			throw new IllegalArgumentException("JSON has no " + value.getClass().getName());
		}
	}

	/** What a value is, for a message: {@code the text "x"}, {@code a list}. */
	static String describe(Object value) {
		if (value == null)
			return "null";
		if (value instanceof String text)
			return "the text " + Place.quoted(text);
		if (value instanceof List<?>)
			return "a list";
		if (value instanceof Map<?, ?>)
			return "an object";
		return value.toString();
	}
}
