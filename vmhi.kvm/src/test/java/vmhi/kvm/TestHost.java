package vmhi.kvm;

import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.VcpuContext;

/**
 * The rest of a machine, for tests: nobody answers, and what comes is noted in words. Tests override what they need.
 */
class TestHost implements CpuHost {
	final List<String> seen = new ArrayList<>();

	@Override
	public long readPort(VcpuContext vcpu, int port, int size) {
		seen.add("in %x/%d".formatted(port, size));
		return -1;
	}

	@Override
	public void writePort(VcpuContext vcpu, int port, int size, long value) {
		seen.add("out %x/%d %x".formatted(port, size, value));
	}

	@Override
	public long readMmio(VcpuContext vcpu, long gpa, int size) {
		seen.add("load %x/%d".formatted(gpa, size));
		return -1;
	}

	@Override
	public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
		seen.add("store %x/%d %x".formatted(gpa, size, value));
	}

	@Override
	public boolean readMsr(VcpuContext vcpu, int index) {
		seen.add("rdmsr %x".formatted(index));
		return false;
	}

	@Override
	public boolean writeMsr(VcpuContext vcpu, int index, long value) {
		seen.add("wrmsr %x %x".formatted(index, value));
		return false;
	}

	@Override
	public boolean hypercall(VcpuContext vcpu) {
		return false;
	}

	@Override
	public void odd(VcpuContext vcpu, String what) {
		seen.add("odd " + what);
	}
}
