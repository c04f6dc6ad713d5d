package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.CONSOLE;
import static vmhi.api.mgmt.Permission.POWER;
import static vmhi.api.mgmt.Permission.VIEW;

import vmhi.api.machine.Console;
import vmhi.api.machine.Job;
import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.core.machine.VirtualMachine;

/** One machine behind a {@link Guard}. */
final class GuardedMachine implements Machine {
	private final Guard guard;
	private final VirtualMachine machine;
	private final String name;

	GuardedMachine(Guard guard, VirtualMachine machine, String name) {
		this.guard = guard;
		this.machine = machine;
		this.name = name;
	}

	@Override
	public MachineSnapshot snapshot() {
		guard.check(VIEW, "machine.get", name);
		return machine.snapshot();
	}

	@Override
	public Job start() throws MachineException {
		return job("machine.start", () -> machine.start(guard.principal()));
	}

	@Override
	public Job shutdown() throws MachineException {
		return job("machine.shutdown", () -> machine.shutdown(guard.principal()));
	}

	@Override
	public Job stop() throws MachineException {
		return new GuardedJob(guard, guard.urgent(POWER, "machine.stop", name, () -> machine.stop(guard.principal())));
	}

	@Override
	public Job pause() throws MachineException {
		return job("machine.pause", () -> machine.pause(guard.principal()));
	}

	@Override
	public Job resume() throws MachineException {
		return job("machine.resume", () -> machine.resume(guard.principal()));
	}

	@Override
	public Job reset() throws MachineException {
		return job("machine.reset", () -> machine.reset(guard.principal()));
	}

	@Override
	public Job moveTo(String backend) throws MachineException {
		return job("machine.move", () -> machine.moveTo(backend, guard.principal()));
	}

	private Job job(String action, Guard.Change<Job> change) throws MachineException {
		return new GuardedJob(guard, guard.job(POWER, action, name, change));
	}

	@Override
	public Console console(String console) throws MachineException {
		guard.check(CONSOLE, "console.open", name + " " + console);
		return new GuardedConsole(guard, machine.console(console), name + " " + console);
	}
}
