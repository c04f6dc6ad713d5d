package vmhi.core.spec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.device.DeviceException.Kind.SETTINGS;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import vmhi.api.device.DeviceException;
import vmhi.api.device.Settings;
import vmhi.api.machine.MachineSpec.Device;

class JsonSettingsTest {

	private final JsonSettings settings = new JsonSettings(new Device("serial", "com1",
			Map.of("irq", 77L, "port", "0x3f8", "label", "x", "on", true, "names", List.of("a", "b"), "units",
					List.of(Map.of("lun", 1L), Map.of("lun", "2", "lnu", 3L)))),
			2);

	@Test
	void readsEachTypeAndItsDefault() throws DeviceException {
		assertEquals("com1", settings.name());
		assertEquals(77, settings.number("irq", 0, 100));
		assertEquals(0x3f8, settings.number("port", 0, 0xffff, 1));
		assertEquals(-1, settings.number("none", 0, 100, -1));
		assertEquals("x", settings.text("label"));
		assertEquals("y", settings.text("none", "y"));
		assertTrue(settings.flag("on", false));
		assertTrue(settings.flag("none", true));
		assertEquals(List.of("a", "b"), settings.texts("names"));
		assertEquals(List.of(), settings.texts("none"));
		assertEquals(List.of(), settings.sections("none"));
		assertTrue(settings.has("irq"));
		assertFalse(settings.has("none"));
	}

	@Test
	void namesThePlaceOfWhatIsWrong() throws DeviceException {
		refused("devices[2].irq is 77, not 0..23", () -> settings.number("irq", 0, 23));
		refused("devices[2].none is missing", () -> settings.number("none", 0, 23));
		refused("devices[2].none is missing", () -> settings.text("none"));
		refused("devices[2].label is the text \"x\", not a whole number", () -> settings.number("label", 0, 23));
		refused("devices[2].on is true, not a text", () -> settings.text("on", ""));
		refused("devices[2].names is a list, not true or false", () -> settings.flag("names", false));
		refused("devices[2].units[0] is an object, not a text", () -> settings.texts("units"));
		refused("devices[2].names[0] is the text \"a\", not an object", () -> settings.sections("names"));
		refused("devices[2].irq is 77, not a list", () -> settings.texts("irq"));
		Settings second = settings.sections("units").get(1);
		refused("devices[2].units[1].lun is 2, not 0..1", () -> second.number("lun", 0, 1));
		assertEquals("com1", second.name());
		assertEquals("devices[2].irq is taken", settings.refuse("irq", "is taken").getMessage());
	}

	@Test
	void refusesWhatNobodyReadWithAHint() throws DeviceException {
		JsonSettings wrong = new JsonSettings(new Device("serial", "com1", Map.of("prot", 1L)), 0);
		wrong.number("port", 0, 10, 1);
		wrong.has("prot"); // does not count
		refused("devices[0].prot is not known to this kind of device; did you mean port?", wrong::refuseUnread);
	}

	@Test
	void refusesWhatNobodyReadInASection() throws DeviceException {
		settings.number("irq", 0, 100);
		settings.number("port", 0, 0xffff);
		settings.text("label");
		settings.flag("on", false);
		settings.texts("names");
		for (Settings section : settings.sections("units"))
			section.number("lun", 0, 9);
		refused("devices[2].units[1].lnu is not known to this kind of device; did you mean lun?",
				settings::refuseUnread);
	}

	@Test
	void isContentWhenAllWasRead() {
		JsonSettings none = new JsonSettings(new Device("serial", "com1", Map.of()), 0);
		assertDoesNotThrow(none::refuseUnread);
	}

	private static void refused(String message, Executable read) {
		DeviceException refusal = assertThrows(DeviceException.class, read);
		assertEquals(message, refusal.getMessage());
		assertEquals(SETTINGS, refusal.kind());
	}
}
