/**
 * Machines. {@link vmhi.core.machine.MachineRegistry} is where to start: it knows all
 * {@link vmhi.core.machine.VirtualMachine}s, each of which has a {@link vmhi.core.machine.PoweredMachine} while it runs.
 */
package vmhi.core.machine;
