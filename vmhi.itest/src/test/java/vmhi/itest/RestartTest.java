package vmhi.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

import vmhi.api.machine.MachineSnapshot;
import vmhi.api.machine.MachineSpec;
import vmhi.api.machine.MachineState;

/** The core goes down and comes up again: what was defined is there, and what starts by itself has started. */
@PaxExam
public class RestartTest {

	@Configuration
	public static Option[] configuration() {
		return new Option[] { Provision.platform("RestartTest") };
	}

	@Test
	public void machinesAreThereAfterARestartAndThoseThatStartByThemselvesRun() throws Exception {
		Lab lab = new Lab();
		MachineSpec plain = lab.guest("hello", "").spec("plain");
		MachineSpec eager = lab.guest("counter", "ms=50").spec("eager");
		lab.hypervisor().machines().define(plain);
		lab.hypervisor().machines().define(new MachineSpec("eager", Map.of(), eager.cpu(), eager.memory(), eager.boot(),
				eager.disks(), eager.devices(), eager.hypercalls(), eager.plugins(), eager.onReset(), true));
		long before = lab.hypervisor().events().last();

		Bundle core = Arrays.stream(FrameworkUtil.getBundle(RestartTest.class).getBundleContext().getBundles())
				.filter(b -> "vmhi.core".equals(b.getSymbolicName())).findFirst().orElseThrow();
		core.stop();
		core.start();

		Lab again = new Lab();
		Lab.await("the machine that starts by itself", () -> again.hypervisor().machines().list().stream()
				.filter(m -> m.name().equals("eager") && m.state() == MachineState.RUNNING).findFirst().orElse(null));
		MachineSnapshot kept = again.hypervisor().machines().get("plain").snapshot();
		assertEquals(plain, kept.spec());
		assertEquals(MachineState.DEFINED, kept.state());
		assertEquals(true, again.hypervisor().events().last() > before, "event numbers go on");
		again.hypervisor().machines().get("eager").stop().join(Lab.SECONDS_30);
	}
}
