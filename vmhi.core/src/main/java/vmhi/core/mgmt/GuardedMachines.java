package vmhi.core.mgmt;

import static vmhi.api.mgmt.Permission.DEFINE;
import static vmhi.api.mgmt.Permission.VIEW;

import java.util.List;

import vmhi.api.machine.Machine;
import vmhi.api.machine.MachineException;
import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.Machines;
import vmhi.core.machine.MachineRegistry;
import vmhi.core.machine.VirtualMachine;

/** All machines behind a {@link Guard}. */
final class GuardedMachines implements Machines {
	private final Guard guard;
	private final MachineRegistry registry;

	GuardedMachines(Guard guard, MachineRegistry registry) {
		this.guard = guard;
		this.registry = registry;
	}

	@Override
	public List<MachineSnapshot> list() {
		guard.check(VIEW, "machine.list", "");
		return registry.list();
	}

	@Override
	public Machine get(String nameOrId) throws MachineException {
		guard.check(VIEW, "machine.get", nameOrId);
		return guarded(registry.find(nameOrId));
	}

	@Override
	public Machine define(MachineSpec spec) throws MachineException {
		return guarded(guard.change(DEFINE, "machine.define", spec.name(),
				() -> registry.define(spec, guard.principal())));
	}

	@Override
	public Machine redefine(String nameOrId, MachineSpec spec) throws MachineException {
		return guarded(guard.change(DEFINE, "machine.redefine", nameOrId,
				() -> registry.redefine(nameOrId, spec, guard.principal())));
	}

	@Override
	public void delete(String nameOrId) throws MachineException {
		guard.change(DEFINE, "machine.delete", nameOrId, () -> {
			registry.delete(nameOrId, guard.principal());
			return null;
		});
	}

	private Machine guarded(VirtualMachine machine) {
		return new GuardedMachine(guard, machine, machine.snapshot().name());
	}
}
