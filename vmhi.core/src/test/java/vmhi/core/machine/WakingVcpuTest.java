package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.TimeStampedVcpu;

class WakingVcpuTest {
	private final List<String> called = new ArrayList<>();
	private final VcpuThread thread = new VcpuThread("m", 0, new VcpuThread.Listener() {
		@Override
		public void shutdown(int vcpu) {
			called.add("shutdown");
		}

		@Override
		public void failed(int vcpu, Throwable cause) {
			called.add("failed");
		}
	});

	/** A vCPU that notes what is called, and of numbers gives 7. */
	private InterruptibleVcpu vcpu(Class<?>... types) {
		return (InterruptibleVcpu) Proxy.newProxyInstance(getClass().getClassLoader(), types, (proxy, method, args) -> {
			called.add(method.getName());
			if (method.getReturnType() == long.class)
				return 7L;
			return method.getReturnType() == int.class ? (Object) 7 : null;
		});
	}

	@Test
	void timeStampIsTheVcpus() {
		InterruptibleVcpu waking = WakingVcpu.of(vcpu(InterruptibleVcpu.class, TimeStampedVcpu.class), thread);
		assertEquals(7, ((TimeStampedVcpu) waking).timeStamp());
		assertEquals(7, ((TimeStampedVcpu) waking).timeStampKhz());
		waking.nmi();
		assertEquals(List.of("timeStamp", "timeStampKhz", "nmi"), called);
	}

	@Test
	void vcpuWithoutOneHasNone() {
		InterruptibleVcpu waking = WakingVcpu.of(vcpu(InterruptibleVcpu.class), thread);
		assertFalse(waking instanceof TimeStampedVcpu);
		waking.interruptPending();
		waking.init();
		waking.startup(1);
		assertEquals(List.of("interruptPending", "init", "startup"), called);
	}
}
