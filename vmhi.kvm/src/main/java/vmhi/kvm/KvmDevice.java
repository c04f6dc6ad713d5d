package vmhi.kvm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.sun.jna.LastErrorException;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.CpuidTable;

/**
 * The KVM device, open, and found to be one that machines can be run on. Where it isn't, the exception says what an
 * operator can do about it.
 */
final class KvmDevice implements AutoCloseable {

	/**
	 * Most vCPUs in one machine, whatever KVM says: more have APIC numbers that are stored only in a form that
	 * {@code KVM_CAP_X2APIC_API} asks for, and 255 means everybody.
	 */
	static final int MOST_VCPUS = 255;

	// where Intel processors without "unrestricted guest" get their helper pages: below the firmware, where no RAM is
	private static final long IDENTITY_MAP_ADDRESS = 0xfffb_c000L;
	private static final long TSS_ADDRESS = 0xfffb_d000L; // and two pages more

	private static final int API_VERSION = 12;
	private static final int MOST_MSRS = 4096; // some ten times what any KVM has
	private static final int EPERM = 1, ENOENT = 2, ENXIO = 6, EACCES = 13, EBUSY = 16, ENODEV = 19, ENOTTY = 25;

	private final KvmFd fd;

	private KvmDevice(KvmFd fd) {
		this.fd = fd;
	}

	/** @throws CpuException of kind {@code UNAVAILABLE} if machines can't run here */
	static KvmDevice open(String path) throws CpuException {
		String os = System.getProperty("os.name"), arch = System.getProperty("os.arch");
		if (!os.equals("Linux") || !arch.equals("amd64"))
			throw unavailable("KVM is used on Linux and x86-64 only; this is %s on %s".formatted(os, arch));
		try {
			Kvm.acquire();
		} catch (LinkageError e) {
			throw new CpuException(Kind.UNAVAILABLE, "JNA does not work here: " + e.getMessage(), e);
		}
		KvmFd fd;
		try {
			fd = new KvmFd(Kvm.open(path, Kvm.O_RDWR | Kvm.O_CLOEXEC), path);
		} catch (LastErrorException e) {
			Kvm.release();
			throw new CpuException(Kind.UNAVAILABLE, whyNot(path, e), e);
		}
		KvmDevice device = new KvmDevice(fd);
		try {
			device.check(path);
		} catch (CpuException e) {
			device.close();
			throw e;
		}
		return device;
	}

	/** The VM's own file descriptor outlives the device's. */
	KvmVm createVm(String machine) throws CpuException {
		int runSize = fd.call(KvmRequest.GET_VCPU_MMAP_SIZE, 0);
		int[] msrs = msrs();
		KvmKick kick = KvmKick.install();
		KvmFd vm = new KvmFd(createVm(), machine);
		try {
			vm.call(KvmRequest.SET_IDENTITY_MAP_ADDR, Kvm.buffer(8).putLong(0, IDENTITY_MAP_ADDRESS));
			vm.call(KvmRequest.SET_TSS_ADDR, TSS_ADDRESS);
		} catch (CpuException e) {
			vm.close();
			throw e;
		}
		return new KvmVm(vm, machine, runSize, msrs, kick);
	}

	private int createVm() throws CpuException {
		try {
			return Kvm.ioctl(fd.number, KvmRequest.CREATE_VM.number, 0);
		} catch (LastErrorException e) {
			String help = e.getErrorCode() == EBUSY ? ": another hypervisor has the processor, stop that first" : "";
			throw new CpuException(Kind.HOST, KvmRequest.CREATE_VM + ": " + e.getMessage() + help, e);
		}
	}

	int maxVcpus() throws CpuException {
		int most = fd.extension(KvmCap.MAX_VCPUS);
		return Math.min(MOST_VCPUS, most != 0 ? most : Math.max(1, fd.extension(KvmCap.NR_VCPUS)));
	}

	CpuidTable supportedCpuid() throws CpuException {
		ByteBuffer list = counted(KvmRequest.GET_SUPPORTED_CPUID, KvmCpuid.HEADER_SIZE, KvmCpuid.ENTRY_SIZE,
				KvmCpuid.MOST_ENTRIES);
		return KvmCpuid.supported(list, fd.extension(KvmCap.TSC_DEADLINE_TIMER) != 0);
	}

	/** The abilities found, with what KVM answered where that is more than yes. */
	String abilities() throws CpuException {
		List<String> found = new ArrayList<>();
		for (KvmCap ability : KvmCap.values()) {
			int answer = fd.extension(ability);
			if (answer != 0)
				found.add(answer == 1 ? ability.name() : "%s=%#x".formatted(ability.name(), answer));
		}
		return String.join(" ", found);
	}

	@Override
	public void close() {
		fd.close();
		Kvm.release();
	}

	/** Which MSRs make up the state of a vCPU: KVM's own list. */
	private int[] msrs() throws CpuException {
		ByteBuffer list = counted(KvmRequest.GET_MSR_INDEX_LIST, Integer.BYTES, Integer.BYTES, MOST_MSRS);
		int[] msrs = new int[list.getInt(0)];
		for (int i = 0; i < msrs.length; i++)
			msrs[i] = list.getInt(Integer.BYTES * (1 + i));
		return msrs;
	}

	/** A list that begins with room for how many entries, and is answered with how many there are. */
	private ByteBuffer counted(KvmRequest request, int header, int entry, int most) throws CpuException {
		ByteBuffer list = Kvm.buffer(header + entry * most).putInt(0, most);
		fd.call(request, list);
		return list;
	}

	private void check(String path) throws CpuException {
		int version;
		try {
			version = Kvm.ioctl(fd.number, KvmRequest.GET_API_VERSION.number, 0);
		} catch (LastErrorException e) {
			throw new CpuException(Kind.UNAVAILABLE, e.getErrorCode() == ENOTTY
					? path + " is not KVM's device: set `device` of the kvm backend to that, usually /dev/kvm"
					: "%s: %s: %s".formatted(path, KvmRequest.GET_API_VERSION, e.getMessage()), e);
		}
		if (version != API_VERSION)
			throw unavailable(
					"%s speaks version %d of KVM's API, not %d: a kernel of 2007 or later does".formatted(path,
							version, API_VERSION));

		List<String> missing = new ArrayList<>();
		for (KvmCap ability : KvmCap.values())
			if (ability.needed && fd.extension(ability) == 0)
				missing.add(ability.toString());
		if ((fd.extension(KvmCap.SYNC_REGS) & KvmRun.SYNC_ALL) != KvmRun.SYNC_ALL)
			missing.add("registers and segments in " + KvmCap.SYNC_REGS);
		if (!missing.isEmpty())
			throw unavailable("%s lacks %s: Linux 5.10 and later have all that is needed".formatted(path,
					String.join(", ", missing)));
	}

	private static String whyNot(String path, LastErrorException e) {
		return switch (e.getErrorCode()) {
			case ENOENT, ENXIO, ENODEV -> path + " does not exist: " + howToGetIt();
			case EACCES, EPERM -> "no permission to use %s: %s".formatted(path, howToBeLetIn(path));
			default -> "%s can't be opened: %s".formatted(path, e.getMessage());
		};
	}

	private static String howToGetIt() {
		String module = "kvm_intel or kvm_amd", technique = "VT-x or AMD-V";
		try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
			String flags = lines.filter(l -> l.startsWith("flags")).findFirst().orElse("") + " ";
			if (flags.contains(" vmx ")) {
				module = "kvm_intel";
				technique = "VT-x";
			} else if (flags.contains(" svm ")) {
				module = "kvm_amd";
				technique = "AMD-V";
			}
		} catch (IOException | RuntimeException e) {
			// a container that hides it: the advice names both kinds
		}
		return "load the module (`modprobe %s`); if that fails turn on %s in the firmware, or, in a virtual machine, "
				.formatted(module, technique) + "nested virtualization on its host";
	}

	private static String howToBeLetIn(String path) {
		String user = System.getProperty("user.name");
		try {
			PosixFileAttributes file = Files.readAttributes(Path.of(path), PosixFileAttributes.class);
			String group = file.group().getName();
			if (!group.equals("root"))
				return "join its group (`usermod -aG %s %s`) and log in again".formatted(group, user);
		} catch (IOException | RuntimeException e) {
			// then the usual group it is
		}
		return "give it a group (`chgrp kvm %1$s && chmod 660 %1$s`), join that (`usermod -aG kvm %2$s`), log in again"
				.formatted(path, user);
	}

	private static CpuException unavailable(String why) {
		return new CpuException(Kind.UNAVAILABLE, why);
	}
}
