package vmhi.mgmt.rest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;

import vmhi.api.machine.Job;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;
import vmhi.api.machine.Specs;
import vmhi.api.mgmt.Permission;

/** Machines: what they are, and what they are told to do. */
final class MachineApi {

	/**
	 * A machine as JSON: its snapshot, but the name first and the specification in its own words.
	 *
	 * @param guestIdentity in hexadecimal, because it is 64 bits of code and not a number
	 */
	private record View(String id, String name, MachineState state, String reason, int status, Instant since,
			long revision, String backend, List<MachineSnapshot.Serving> plugins, Map<String, Long> counters,
			List<String> consoles, String guestIdentity, @JsonRawValue String spec) {

		static View of(MachineSnapshot machine, Specs specs) {
			return new View(machine.id(), machine.name(), machine.state(), machine.reason(), machine.status(),
					machine.since(), machine.revision(), machine.backend(), machine.plugins(), machine.counters(),
					machine.consoles(), "0x" + Long.toHexString(machine.guestIdentity()),
					specs.write(machine.spec()));
		}
	}

	/** Tells a machine to do something. */
	private interface Operation {
		Job begin(Machine machine) throws MachineException;
	}

	List<Route> routes() {
		return List.of(
				Route.get("/machines", Permission.VIEW, MachineApi::list),
				Route.post("/machines", Permission.DEFINE, MachineApi::define),
				Route.get("/machines/{machine}", Permission.VIEW, x -> reply(200, machine(x), x)),
				Route.put("/machines/{machine}", Permission.DEFINE, MachineApi::redefine),
				Route.delete("/machines/{machine}", Permission.DEFINE, MachineApi::delete),
				Route.get("/machines/{machine}/spec", Permission.VIEW, MachineApi::spec),
				operation("start", Machine::start),
				operation("shutdown", Machine::shutdown),
				operation("stop", Machine::stop),
				operation("pause", Machine::pause),
				operation("resume", Machine::resume),
				operation("reset", Machine::reset),
				Route.post("/machines/{machine}/move", Permission.POWER, MachineApi::move, "wait"));
	}

	static Machine machine(Exchange x) throws MachineException {
		return x.host().machines().get(x.variable("machine"));
	}

	private static Route operation(String name, Operation operation) {
		return Route.post("/machines/{machine}/" + name, Permission.POWER,
				x -> JobApi.begun(operation.begin(machine(x)), x), "wait");
	}

	private static Answer move(Exchange x) throws Problem, MachineException, IOException {
		JsonNode body = Json.read(x.body().json());
		JsonNode backend = body.get("backend");
		if (body.size() != 1 || backend == null || !backend.isTextual())
			throw new Problem(Fault.INVALID, "the body is not of the form {\"backend\": \"KIND\"}");
		return JobApi.begun(machine(x).moveTo(backend.textValue()), x);
	}

	private static Answer list(Exchange x) {
		Specs specs = x.host().specs();
		return Reply.json(200, Map.of("machines",
				x.host().machines().list().stream().map(machine -> View.of(machine, specs)).toList()));
	}

	private static Answer define(Exchange x) throws Problem, IOException {
		try {
			Machine machine = x.host().machines().define(specification(x));
			return reply(201, machine, x).with("Location", RestService.BASE + "/machines/" + machine.snapshot().name());
		} catch (MachineException e) {
			throw Problem.ofSpecification(e);
		}
	}

	private static Answer redefine(Exchange x) throws Problem, IOException {
		try {
			return reply(200, x.host().machines().redefine(x.variable("machine"), specification(x)), x);
		} catch (MachineException e) {
			throw Problem.ofSpecification(e);
		}
	}

	/** What isn't JSON at all is found out here, with line and column; what isn't a specification, by the core. */
	private static MachineSpec specification(Exchange x) throws Problem, MachineException, IOException {
		String text = x.body().json();
		Json.read(text);
		return x.host().specs().read(text);
	}

	private static Answer delete(Exchange x) throws MachineException {
		x.host().machines().delete(x.variable("machine"));
		return Reply.none();
	}

	private static Answer spec(Exchange x) throws MachineException {
		String spec = x.host().specs().write(machine(x).snapshot().spec());
		return new Reply(200, "application/json", spec.getBytes(StandardCharsets.UTF_8), Map.of());
	}

	private static Reply reply(int status, Machine machine, Exchange x) {
		return Reply.json(status, View.of(machine.snapshot(), x.host().specs()));
	}
}
