package vmhi.core.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static vmhi.api.machine.MachineException.Kind.INVALID;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineSpec.Boot;
import vmhi.api.machine.MachineSpec.Cpu;
import vmhi.api.machine.MachineSpec.Device;
import vmhi.api.machine.MachineSpec.Disk;
import vmhi.api.machine.MachineSpec.Hypercalls;
import vmhi.api.machine.MachineSpec.OnReset;
import vmhi.api.machine.MachineSpec.Protocol;

class JsonSpecsTest {

	private static final String SMALLEST = """
			{ "name": "web", "memory": "256M", "boot": { "kernel": "/boot/vmlinuz" } }""";

	private static final String WHOLE = """
			{
			  "name": "db-1.example",
			  "labels": { "owner": "Jörg", "cost centre": "42" },
			  "cpu": { "backend": "kvm", "model": "x86-64-v2", "count": 4 },
			  "memory": 2147483648,
			  "boot": { "protocol": "linux", "kernel": "/boot/vmlinuz", "initrd": "/boot/initrd",
			            "commandLine": "quiet", "address": "0x200000" },
			  "disks": [ { "name": "root", "path": "/img/root.raw", "format": "raw", "readOnly": true } ],
			  "devices": [
			    { "kind": "serial", "port": "0x3f8" },
			    { "kind": "serial", "port": 760, "deep": { "list": [1, 2.5, true, "x"] } },
			    { "kind": "pvblock", "name": "root-disk", "disk": "root" }
			  ],
			  "hypercalls": { "enabled": false, "port": "0xf0" },
			  "plugins": { "cpu:kvm": "[1.0,2)", "disk:raw": "1.2.0" },
			  "onReset": "stop",
			  "autostart": true
			}""";

	private final JsonSpecs specs = new JsonSpecs();

	@Test
	void fillsInWhatIsNotSaid() throws MachineException {
		assertEquals(new MachineSpec("web", Map.of(), new Cpu("auto", "host", 1), 256 << 20,
				new Boot(Protocol.AUTO, "/boot/vmlinuz", "", "", 0x100000), List.of(), List.of(),
				new Hypercalls(true, 0xe4), Map.of(), OnReset.RESTART, false), specs.read(SMALLEST));
	}

	@Test
	void readsEveryField() throws MachineException {
		assertEquals(new MachineSpec("db-1.example", Map.of("owner", "Jörg", "cost centre", "42"),
				new Cpu("kvm", "x86-64-v2", 4), 2L << 30,
				new Boot(Protocol.LINUX, "/boot/vmlinuz", "/boot/initrd", "quiet", 0x200000),
				List.of(new Disk("root", "/img/root.raw", "raw", true)),
				List.of(new Device("serial", "serial", Map.of("port", "0x3f8")),
						new Device("serial", "serial-2",
								Map.of("port", 760L, "deep", Map.of("list", List.of(1L, 2.5, true, "x")))),
						new Device("pvblock", "root-disk", Map.of("disk", "root"))),
				new Hypercalls(false, 0xf0), Map.of("cpu:kvm", "[1.0,2)", "disk:raw", "1.2.0"), OnReset.STOP, true),
				specs.read(WHOLE));
	}

	@Test
	void givesDevicesTheFirstNameThatIsFree() throws MachineException {
		MachineSpec spec = specs.read(with("devices", """
				[ { "kind": "serial" }, { "kind": "net", "name": "serial-2" }, { "kind": "serial" },
				  { "kind": "acme.watch_dog-that-has-a-very-long-name" } ]"""));

		assertEquals(List.of("serial", "serial-2", "serial-3", "acme-watch-dog-that-has-a-very-l"),
				spec.devices().stream().map(Device::name).toList());
	}

	@ParameterizedTest(name = "memory {0}")
	@CsvSource(delimiter = '|', value = { "4194304|4194304", "'\"4194304\"'|4194304", "'\"4096K\"'|4194304",
			"'\"4MiB\"'|4194304", "'\"2G\"'|2147483648", "'\"16T\"'|17592186044416", "'\"1024KiB\"'|1048576" })
	void readsMemoryInUnits(String json, long bytes) throws MachineException {
		assertEquals(bytes, specs.read(with("memory", json)).memory());
	}

	@ParameterizedTest(name = "{0}: {1}")
	@CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
			// field | value | message
			"nmae | 1 | nmae: unknown field; did you mean name?",
			"name | 5 | name: 5, not a text",
			"name | \"\" | name: the text \"\", not 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit",
			"name | \"../x\" | name: the text \"../x\", not 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit",
			"labels | [] | labels: a list, not an object",
			"labels | {\"a b\": 1} | labels[\"a b\"]: 1, not a text",
			"cpu | \"kvm\" | cpu: the text \"kvm\", not an object",
			"cpu | null | cpu: null, not an object",
			"cpu | {\"counts\": 2} | cpu.counts: unknown field; did you mean count?",
			"cpu | {\"count\": 0} | cpu.count: 0, not 1..1024",
			"cpu | {\"count\": 1025} | cpu.count: 1025, not 1..1024",
			"cpu | {\"count\": 4294967297} | cpu.count: 4294967297 is out of range",
			"cpu | {\"count\": 2.0} | cpu.count: 2.0, not a whole number such as 4096 or \"0x1000\"",
			"cpu | {\"model\": \"x86-64-v9\"} | cpu.model: the text \"x86-64-v9\", not one of host, x86-64, x86-64-v2, "
					+ "x86-64-v3; did you mean x86-64-v2?",
			"cpu | {\"backend\": \"KVM\"} | cpu.backend: the text \"KVM\", not 1 to 64 of a-z 0-9 . _ -, "
					+ "the first a letter or digit",
			"memory | \"256MB\" | memory: the text \"256MB\", not a size such as 268435456, \"256M\" or \"256MiB\"",
			"memory | \"99999999999T\" | memory: the text \"99999999999T\", not a size such as 268435456, \"256M\" or "
					+ "\"256MiB\"",
			"memory | 1048575 | memory: 1048575, not 1048576..17592186044416",
			"memory | \"17T\" | memory: 18691697672192, not 1048576..17592186044416",
			"memory | 1048577 | memory: 1048577 is not a multiple of 4096",
			"memory | true | memory: true, not a size such as 268435456, \"256M\" or \"256MiB\"",
			"boot | {} | boot.kernel: missing",
			"boot | {\"kernel\": \"\"} | boot.kernel: 0 characters, not 1..4096",
			"boot | {\"kernel\": \"a\\u0000b\"} | boot.kernel: there is a control character in it",
			"boot | {\"kernel\": \"k\", \"protocol\": \"Linux\"} | boot.protocol: the text \"Linux\", not one "
					+ "of auto, linux, "
					+ "pvh, flat; did you mean linux?",
			"boot | {\"kernel\": \"k\", \"protocol\": null} | boot.protocol: null, not one of auto, linux, pvh, flat",
			"boot | {\"kernel\": \"k\", \"address\": \"0xg\"} | boot.address: the text \"0xg\", not a whole "
					+ "number such as "
					+ "4096 or \"0x1000\"",
			"boot | {\"kernel\": \"k\", \"address\": -1} | boot.address: -1, not 0..4503599627370495",
			"boot | {\"kernel\": \"k\", \"protocol\": \"flat\", \"address\": \"0x10000000\"} | boot.address: "
					+ "0x10000000 is "
					+ "beyond the memory, which ends at 0x10000000",
			"boot | {\"kernel\": \"k\", \"cmdLine\": \"\"} | boot.cmdLine: unknown field",
			"disks | {} | disks: an object, not a list",
			"disks | [5] | disks[0]: 5, not an object",
			"disks | [{\"name\": \"a\", \"path\": \"/a\"}] | disks[0].format: missing",
			"disks | [{\"name\": \"a\", \"path\": \"/a\", \"fromat\": \"raw\"}] | disks[0].format: missing",
			"disks | [{\"name\": \"a\", \"path\": \"/a\", \"format\": \"raw\", \"readonly\": true}] | "
					+ "disks[0].readonly: "
					+ "unknown field; did you mean readOnly?",
			"disks | [{\"name\": \"a\", \"path\": \"/a\", \"format\": \"raw\"}, {\"name\": \"a\", \"path\": \"/b\", "
					+ "\"format\": \"raw\"}] | disks[1].name: a is the name of disks[0] already",
			"devices | [{}] | devices[0].kind: missing",
			"devices | [{\"kind\": \"serial\", \"name\": \"A\"}] | devices[0].name: the text \"A\", not 1 to 32 "
					+ "of a-z 0-9 -",
			"devices | [{\"kind\": \"a\", \"x\": {\"y\": [null]}}] | devices[0].x.y[0]: null, not a value",
			"devices | [{\"kind\": \"a\", \"name\": \"b\"}, {\"kind\": \"b\", \"name\": \"b\"}] | "
					+ "devices[1].name: b is the "
					+ "name of devices[0] already",
			"hypercalls | {\"port\": 256} | hypercalls.port: 256, not 0..255",
			"hypercalls | {\"enabled\": 1} | hypercalls.enabled: 1, not true or false",
			"plugins | {\"cpu\": \"1\"} | plugins.cpu: not one of cpu:KIND, device:KIND, disk:FORMAT, hypercall:RANGE",
			"plugins | {\"cpu:kvm\": \"new\"} | plugins[\"cpu:kvm\"]: the text \"new\", not a version such as "
					+ "1.2.0 or a "
					+ "range such as [1.2,2)",
			"plugins | {\"cpu:kvm\": \"[2,1]\"} | plugins[\"cpu:kvm\"]: the text \"[2,1]\", not a version such "
					+ "as 1.2.0 or "
					+ "a range such as [1.2,2)",
			"onReset | \"reboot\" | onReset: the text \"reboot\", not one of restart, stop",
			"autostart | \"true\" | autostart: the text \"true\", not true or false" })
	void refusesAFieldByItsPlace(String field, String value, String message) {
		assertEquals(message, refusal(with(field, value)));
	}

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
			"[] | specification: a list, not an object",
			"{} | name: missing",
			"{\"name\": \"a\"} | memory: missing",
			"{\"name\": \"a\", \"memory\": \"1G\"} | boot: missing",
			"{\"name\": \"a\", \"name\": \"b\"} | name: there twice (line 1, column 15)",
			"{\"cpu\": {\"count\": 1, \"count\": 2}} | cpu.count: there twice (line 1, column 22)",
			"{\"memory\": 99999999999999999999} | memory: a number beyond 64 bits (line 1, column 12)",
			"{\"memory\": 1e999} | memory: a number beyond 64 bits (line 1, column 12)",
			"{\"name\": \"\\ud800\"} | name: half of a surrogate pair, which is no character (line 1, column 10)",
			"{} {} | specification: there is something behind its end (line 1, column 4)" })
	void refusesTextsThatAreNoSpecification(String json, String message) {
		assertEquals(message, refusal(json));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\0', value = { "{\"name\": }", "{\"name\" \"x\"}", "{'name': 1}",
			"{\"a\": 01}", "// x", "{\"a\": NaN}", "{\"a\": 1,}", "{", "[", "{\"a\": \"x" })
	void saysWhereATextIsNotJson(String json) {
		String message = refusal(json);
		assertTrue(message.contains("not JSON: ") && message.contains("(line 1, column "), message);
		assertTrue(message.lines().count() == 1, message);
	}

	@Test
	void refusesAnEmptyText() {
		assertEquals("specification: not JSON: it is empty (line 1, column 1)", refusal(""));
	}

	@Test
	void refusesTooDeepATextWithoutGoingDownAllTheWay() {
		String deep = "{\"a\":".repeat(17);
		assertEquals("a" + ".a".repeat(15) + ": more than 16 objects and lists inside each other (line 1, column 81)",
				refusal(deep));
		refusal("[".repeat(500_000));
	}

	@Test
	void refusesATextOfMoreThanAMebibyte() {
		assertEquals("specification: 1048577 characters, not 1048576 or less",
				refusal(SMALLEST + " ".repeat((1 << 20) + 1 - SMALLEST.length())));
	}

	@Test
	void refusesASpecificationThatHasMoreThanAMebibyteOnceItIsWritten() {
		String manyThings = IntStream.range(0, 255).mapToObj(i -> "{\"kind\":\"a\",\"x\":[" + "0,".repeat(900) + "0]}")
				.collect(Collectors.joining(",", "[", "]"));
		String message = refusal(with("devices", manyThings));
		assertTrue(message.matches("specification: \\d+ characters as JSON, not 1048576 or less"), message);
	}

	@Test
	void refusesMoreDevicesThanThereCanBe() {
		String devices = String.join(",", Collections.nCopies(257, "{\"kind\":\"a\"}"));
		assertEquals("devices: 257 devices, not 256 or less", refusal(with("devices", "[" + devices + "]")));
	}

	@Test
	void countsTheCommandLineInBytes() throws MachineException {
		specs.read(with("boot", "{\"kernel\":\"k\",\"commandLine\":\"" + "x".repeat(2047) + "\"}"));
		assertEquals("boot.commandLine: 2048 bytes, not 2047 or less",
				refusal(with("boot", "{\"kernel\":\"k\",\"commandLine\":\"" + "ö".repeat(1024) + "\"}")));
	}

	@Test
	void keepsAMessageToOneBoundedLine() {
		String message = refusal(with("\\n\\u001b[31m" + "x".repeat(100_000), "1"));
		assertTrue(message.length() < 300 && message.lines().count() == 1, message);
	}

	@Test
	void writesWhatPeopleCanRead() throws MachineException {
		assertEquals("""
				{
				  "name": "web",
				  "labels": {},
				  "cpu": {
				    "backend": "auto",
				    "model": "host",
				    "count": 1
				  },
				  "memory": "256M",
				  "boot": {
				    "protocol": "auto",
				    "kernel": "/boot/vmlinuz",
				    "initrd": "",
				    "commandLine": "",
				    "address": "0x100000"
				  },
				  "disks": [],
				  "devices": [],
				  "hypercalls": {
				    "enabled": true,
				    "port": "0xe4"
				  },
				  "plugins": {},
				  "onReset": "restart",
				  "autostart": false
				}
				""", specs.write(specs.read(SMALLEST)));
	}

	@Test
	void writesAnySpecificationSoThatItReadsBackEqual() throws MachineException {
		long seed = System.nanoTime();
		RandomSpecs random = new RandomSpecs(new Random(seed));
		for (int i = 0; i < 1000; i++) {
			MachineSpec spec = random.next();
			JsonSpecs.check(spec);
			assertEquals(spec, specs.read(specs.write(spec)), "seed " + seed);
		}
	}

	@Test
	void neitherFailsNorHangsOnATextThatSomebodyBroke() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		for (int i = 0; i < 20_000; i++) {
			String broken = broken(random);
			try {
				specs.read(broken);
			} catch (MachineException e) {
				assertEquals(INVALID, e.kind());
				assertTrue(e.getMessage().length() < 1000, e.getMessage());
			} catch (RuntimeException e) {
				throw new AssertionError("seed %d: %s".formatted(seed, broken), e);
			}
		}
	}

	private static String broken(Random random) {
		StringBuilder text = new StringBuilder(WHOLE);
		for (int i = random.nextInt(4); i >= 0; i--) {
			int at = random.nextInt(text.length());
			switch (random.nextInt(4)) {
				case 0 -> text.deleteCharAt(at);
				case 1 -> text.setCharAt(at,
						(char) (random.nextInt(10) == 0 ? random.nextInt(65536) : ' ' + random.nextInt(95)));
				case 2 -> text.insert(at, WHOLE.substring(Math.min(at, 700), Math.min(at, 700) + random.nextInt(40)));
				default -> text.insert(at, "{}[]\",:-0e\\".charAt(random.nextInt(11)));
			}
		}
		return text.toString();
	}

	@Test
	void checksSpecificationsThatWereNotMadeFromJson() {
		MachineSpec good = spec(new Device("serial", "serial", Map.of()));
		assertEquals("name: missing", refusal(new MachineSpec(null, good.labels(), good.cpu(), good.memory(),
				good.boot(), List.of(), List.of(), good.hypercalls(), Map.of(), OnReset.STOP, false)));
		assertEquals("cpu: missing", refusal(new MachineSpec("a", good.labels(), null, good.memory(), good.boot(),
				List.of(), List.of(), good.hypercalls(), Map.of(), OnReset.STOP, false)));
		assertEquals("devices[0].irq: Integer, not one of String, Long, Double, Boolean, List, Map",
				refusal(spec(new Device("serial", "serial", Map.of("irq", 4)))));
		assertEquals("devices[0].kind: cannot be a setting",
				refusal(spec(new Device("serial", "serial", Map.of("kind", "x")))));
		assertEquals("devices[0].x: NaN, which JSON has no word for",
				refusal(spec(new Device("serial", "serial", Map.of("x", Double.NaN)))));
		assertEquals("devices[0].x: null, not a value",
				refusal(spec(new Device("serial", "serial", Collections.singletonMap("x", null)))));
		List<Object> endless = new ArrayList<>();
		endless.add(endless);
		assertTrue(refusal(spec(new Device("serial", "serial", Map.of("x", endless))))
				.endsWith("more than 16 objects and lists inside each other"));
		Map<String, String> labels = new HashMap<>();
		labels.put("a", null);
		assertEquals("labels.a: missing", refusal(new MachineSpec("a", labels, good.cpu(), good.memory(), good.boot(),
				List.of(), List.of(), good.hypercalls(), Map.of(), OnReset.STOP, false)));
	}

	private static MachineSpec spec(Device... devices) {
		return new MachineSpec("a", Map.of(), new Cpu("auto", "host", 1), 1 << 20,
				new Boot(Protocol.AUTO, "/k", "", "", 0), List.of(), Arrays.asList(devices), new Hypercalls(true, 0),
				Map.of(), OnReset.STOP, false);
	}

	private static String refusal(MachineSpec spec) {
		return assertThrows(MachineException.class, () -> JsonSpecs.check(spec)).getMessage();
	}

	private String refusal(String json) {
		MachineException refusal = assertThrows(MachineException.class, () -> specs.read(json));
		assertEquals(INVALID, refusal.kind());
		return refusal.getMessage();
	}

	/** The smallest specification with one field more, or another value in it. */
	private static String with(String field, String json) {
		Map<String, String> fields = new HashMap<>(Map.of("name", "\"web\"", "memory", "\"256M\"", "boot",
				"{\"kernel\": \"/boot/vmlinuz\"}"));
		fields.put(field, json);
		return fields.entrySet().stream().map(e -> "\"" + e.getKey() + "\": " + e.getValue())
				.collect(Collectors.joining(", ", "{", "}"));
	}
}
