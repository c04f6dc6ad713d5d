package vmhi.tck.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import vmhi.api.device.DeviceException;
import vmhi.api.device.Settings;

class MapSettingsTest {

	private final MapSettings settings = new MapSettings("dev", Map.of(
			"text", "words", "hex", "0x3f8", "number", 77, "flag", true,
			"texts", List.of("a", "b"), "parts", List.of(Map.of("size", 1), Map.of("size", 2L))));

	@Test
	void valuesComeOutByTheirType() throws DeviceException {
		assertEquals("dev", settings.name());
		assertEquals("words", settings.text("text"));
		assertEquals(0x3f8, settings.number("hex", 0, 0xffff));
		assertEquals(77, settings.number("number", 0, 100, 5));
		assertTrue(settings.flag("flag", false));
		assertEquals(List.of("a", "b"), settings.texts("texts"));
		assertEquals(2, settings.sections("parts").get(1).number("size", 0, 9));
	}

	@Test
	void missingValueIsItsDefault() throws DeviceException {
		assertFalse(settings.has("none"));
		assertEquals("x", settings.text("none", "x"));
		assertEquals(-5, settings.number("none", 0, 9, -5));
		assertEquals(List.of(), settings.texts("none"));
		assertEquals(List.of(), settings.sections("none"));
	}

	@Test
	void wrongValueIsRefusedWithItsPlace() throws DeviceException {
		Settings second = settings.sections("parts").get(1);
		refuses("devices[0].none is missing", () -> settings.text("none"));
		refuses("devices[0].number is 77, not 0..23", () -> settings.number("number", 0, 23));
		refuses("devices[0].text is \"words\", not a number", () -> settings.number("text", 0, 23));
		refuses("devices[0].number is 77, not a text", () -> settings.text("number"));
		refuses("devices[0].text is words, not true or false", () -> settings.flag("text", true));
		refuses("devices[0].parts[1].size is 2, not 3..4", () -> second.number("size", 3, 4));
		refuses("devices[0].parts[0] is {size=1}, not a text", () -> settings.texts("parts"));
		refuses("devices[0].texts[0] is a, not an object", () -> settings.sections("texts"));
	}

	@Test
	void settingsThatNobodyReadAreTold() throws DeviceException {
		settings.text("text");
		settings.number("hex", 0, 0xffff);
		settings.number("number", 0, 100);
		settings.has("flag");
		settings.texts("texts");
		settings.sections("parts").get(0).number("size", 0, 9);

		assertEquals(List.of("devices[0].flag", "devices[0].parts[1].size"), settings.unread());
	}

	private static void refuses(String message, Executable read) {
		assertEquals(message, assertThrows(DeviceException.class, read).getMessage());
	}
}
