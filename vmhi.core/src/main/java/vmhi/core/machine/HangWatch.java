package vmhi.core.machine;

import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.VcpuContext;
import vmhi.core.bus.Claimed;
import vmhi.core.bus.ExitHost;
import vmhi.core.bus.VcpuSlot;
import vmhi.core.hypercall.Dispatcher;

/**
 * Looks now and then whether a plug-in keeps the thread of a vCPU. One that does is interrupted first; if that does not
 * help, the call is answered in its place and the vCPU goes on with another thread. The guest then has noticed a pause.
 */
final class HangWatch {
	private static final Logger LOG = LoggerFactory.getLogger(HangWatch.class);

	private final PoweredMachine machine;
	private final long deadlineMillis;
	private final long[] seen; // per vCPU, the call it was in when last looked at; 0 for none
	private final long[] since;
	private final boolean[] interrupted;
	private Future<?> watch;

	HangWatch(PoweredMachine machine, long deadlineMillis) {
		this.machine = machine;
		this.deadlineMillis = deadlineMillis;
		seen = new long[machine.vcpus()];
		since = new long[machine.vcpus()];
		interrupted = new boolean[machine.vcpus()];
	}

	void start(ScheduledExecutorService timers) {
		long period = Math.max(10, deadlineMillis / 4);
		watch = timers.scheduleWithFixedDelay(this::look, period, period, TimeUnit.MILLISECONDS);
	}

	void stop() {
		if (watch != null)
			watch.cancel(false);
	}

	private synchronized void look() {
		long now = System.nanoTime();
		for (int i = 0; i < seen.length; i++) {
			long call = machine.exits().slot(i).calls();
			if ((call & 1) == 0 || call != seen[i]) {
				seen[i] = (call & 1) == 0 ? 0 : call;
				since[i] = now;
				interrupted[i] = false;
				continue;
			}
			long millis = (now - since[i]) / 1_000_000;
			if (millis > 2 * deadlineMillis) {
				giveUp(i, call);
			} else if (millis > deadlineMillis && !interrupted[i]) {
				LOG.warn("machine {}: vCPU {} has been in a plug-in for {} ms; interrupting it", machine.machine(), i,
						millis);
				interrupted[i] = true;
				machine.vcpuSet().thread(i).interrupt();
			}
		}
	}

	/**
	 * Gives up, now, every thread that is inside a plug-in.
	 *
	 * @return whether there was one
	 */
	synchronized boolean giveUpHung() {
		boolean any = false;
		for (int i = 0; i < seen.length; i++)
			any |= giveUp(i, machine.exits().slot(i).calls());
		return any;
	}

	private boolean giveUp(int index, long call) {
		ExitHost exits = machine.exits();
		VcpuSlot slot = exits.slot(index);
		Object inside = slot.inside();
		VcpuContext vcpu = slot.context();
		if (!exits.abandon(index, call))
			return false; // it has just come back
		seen[index] = 0;
		LOG.error("machine {}: vCPU {} goes on without a plug-in that did not come back", machine.machine(), index);
		machine.report("plugin.hung", Map.of("vcpu", Integer.toString(index), "in",
				inside instanceof Claimed range ? range.owner() : "a hypercall or MSR"));
		if (inside instanceof Dispatcher || inside instanceof Claimed range && range.handler() instanceof Dispatcher)
			machine.dispatcher().giveUp(vcpu);
		else if (inside instanceof Claimed range)
			range.suspend(new IllegalStateException("an access did not come back"));
		machine.vcpuSet().thread(index).replace();
		return true;
	}
}
