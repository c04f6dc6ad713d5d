/** Ports, MMIO and MSRs: who answers at which address, found without a lock while it changes. */
package vmhi.core.bus;
