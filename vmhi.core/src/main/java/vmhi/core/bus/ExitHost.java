package vmhi.core.bus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.cpu.AbandonedRun;
import vmhi.api.cpu.CpuHost;
import vmhi.api.cpu.VcpuContext;

/**
 * Takes the exits of all vCPUs of one machine to the devices.
 * <p>
 * This is the path that has to be short: find the range, mark the thread as inside, call the handler. It allocates
 * nothing and takes no lock. What a handler throws ends here.
 */
public final class ExitHost implements CpuHost {
	private static final Logger LOG = LoggerFactory.getLogger(ExitHost.class);

	private final String machine;
	private final AddressSpace ports = new AddressSpace();
	private final AddressSpace memory = new AddressSpace();
	private final List<ClaimedMsrs> msrs = new CopyOnWriteArrayList<>();
	private final AtomicReferenceArray<VcpuSlot> slots;
	private final Map<String, LongAdder> oddities = new ConcurrentHashMap<>();
	private volatile HypercallEntry hypercalls;

	/** Where VMCALL goes. */
	@FunctionalInterface
	public interface HypercallEntry {

		/** Carries a call out; answers are in the registers afterwards. */
		void call(VcpuContext vcpu);
	}

	/** For a machine with this many vCPUs. */
	public ExitHost(String machine, int vcpus) {
		this.machine = machine;
		slots = new AtomicReferenceArray<>(vcpus);
		for (int i = 0; i < vcpus; i++)
			slots.set(i, new VcpuSlot(i));
	}

	/** The ports. */
	public AddressSpace ports() {
		return ports;
	}

	/** Guest-physical addresses that are not RAM. */
	public AddressSpace memory() {
		return memory;
	}

	/** The model-specific registers. */
	public List<ClaimedMsrs> msrs() {
		return msrs;
	}

	/** The slot of a vCPU. */
	public VcpuSlot slot(int index) {
		return slots.get(index);
	}

	/**
	 * Gives up the thread of a vCPU, if it is still in the call that {@link VcpuSlot#calls} told of; the next one starts
	 * with a slot of its own.
	 *
	 * @return {@code false} if the thread has come back
	 */
	public boolean abandon(int index, long call) {
		VcpuSlot old = slots.get(index);
		if (!old.abandon(call))
			return false;
		VcpuSlot next = new VcpuSlot(index);
		next.portReads = old.portReads;
		next.portWrites = old.portWrites;
		next.mmioReads = old.mmioReads;
		next.mmioWrites = old.mmioWrites;
		next.msrs = old.msrs;
		next.hypercalls = old.hypercalls;
		slots.set(index, next);
		return true;
	}

	/** Where VMCALL goes from now on; {@code null} for nowhere. */
	public void hypercalls(HypercallEntry entry) {
		hypercalls = entry;
	}

	/**
	 * Waits until no vCPU is inside a handler that was found before this call.
	 *
	 * @return {@code false} if one still was after {@code millis}
	 */
	public boolean awaitQuiet(long millis) {
		long deadline = System.nanoTime() + millis * 1_000_000;
		boolean quiet = true;
		for (int i = 0; i < slots.length(); i++)
			quiet &= slots.get(i).awaitQuiet(deadline);
		return quiet;
	}

	@Override
	public long readPort(VcpuContext vcpu, int port, int size) {
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.portReads++;
		return read(slot, ports, vcpu, port, size);
	}

	@Override
	public void writePort(VcpuContext vcpu, int port, int size, long value) {
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.portWrites++;
		write(slot, ports, vcpu, port, size, value);
	}

	@Override
	public long readMmio(VcpuContext vcpu, long gpa, int size) {
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.mmioReads++;
		return read(slot, memory, vcpu, gpa, size);
	}

	@Override
	public void writeMmio(VcpuContext vcpu, long gpa, int size, long value) {
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.mmioWrites++;
		write(slot, memory, vcpu, gpa, size, value);
	}

	private static long ones(int size) {
		return -1L >>> 64 - 8 * size;
	}

	private long read(VcpuSlot slot, AddressSpace space, VcpuContext vcpu, long address, int size) {
		long value = ones(size);
		slot.enter(vcpu);
		Claimed range = space.find(address);
		if (range != null && !range.contains(address, size)) {
			slot.leave();
			return readBytes(slot, space, vcpu, address, size);
		}
		if (range != null) {
			slot.inside(range);
			try {
				value &= range.handler().read(vcpu, address - range.first, size);
			} catch (AbandonedRun e) {
				throw e;
			} catch (Throwable e) {
				range.fault(e);
			}
		}
		slot.leave();
		return value;
	}

	/** An access over the end of a range: byte by byte, as a bus does it. */
	private long readBytes(VcpuSlot slot, AddressSpace space, VcpuContext vcpu, long address, int size) {
		long value = 0;
		for (int i = size; i-- > 0;)
			value = value << 8 | read(slot, space, vcpu, address + i, 1);
		return value;
	}

	private void write(VcpuSlot slot, AddressSpace space, VcpuContext vcpu, long address, int size, long value) {
		slot.enter(vcpu);
		Claimed range = space.find(address);
		if (range != null && !range.contains(address, size)) {
			slot.leave();
			for (int i = 0; i < size; i++)
				write(slot, space, vcpu, address + i, 1, value >>> 8 * i & 0xff);
			return;
		}
		if (range != null) {
			slot.inside(range);
			try {
				Claimed.Bell bell = range.bell(address, size);
				if (bell != null)
					bell.ring().run();
				else
					range.handler().write(vcpu, address - range.first, size, value & ones(size));
			} catch (AbandonedRun e) {
				throw e;
			} catch (Throwable e) {
				range.fault(e);
			}
		}
		slot.leave();
	}

	@Override
	public boolean readMsr(VcpuContext vcpu, int index) {
		return msr(vcpu, index, false, 0);
	}

	@Override
	public boolean writeMsr(VcpuContext vcpu, int index, long value) {
		return msr(vcpu, index, true, value);
	}

	private boolean msr(VcpuContext vcpu, int index, boolean write, long value) {
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.msrs++;
		boolean known = false;
		slot.enter(vcpu);
		ClaimedMsrs claimed = find(index);
		if (claimed != null) {
			slot.inside(claimed);
			try {
				known = write ? claimed.handler().write(vcpu, index, value) : claimed.handler().read(vcpu, index);
			} catch (AbandonedRun e) {
				throw e;
			} catch (Throwable e) {
				odd(vcpu, claimed.owner() + " throws on an MSR access");
			}
		}
		slot.leave();
		return known;
	}

	private ClaimedMsrs find(int index) {
		for (ClaimedMsrs claimed : msrs) // rare: the iterator is an object
			if (claimed.range().contains(index))
				return claimed;
		return null;
	}

	@Override
	public boolean hypercall(VcpuContext vcpu) {
		HypercallEntry entry = hypercalls;
		if (entry == null)
			return false;
		VcpuSlot slot = slots.getPlain(vcpu.index());
		slot.hypercalls++;
		slot.enter(vcpu);
		slot.inside(entry);
		entry.call(vcpu);
		slot.leave();
		return true;
	}

	@Override
	public void odd(VcpuContext vcpu, String what) {
		LongAdder count = oddities.computeIfAbsent(what, key -> {
			LOG.warn("machine {}: vCPU {}: {}", machine, vcpu.index(), key);
			return new LongAdder();
		});
		count.increment();
	}

	/** Numbers for people, by name. */
	public Map<String, Long> counters() {
		long[] sums = new long[6];
		for (int i = 0; i < slots.length(); i++) {
			VcpuSlot slot = slots.get(i);
			sums[0] += slot.portReads;
			sums[1] += slot.portWrites;
			sums[2] += slot.mmioReads;
			sums[3] += slot.mmioWrites;
			sums[4] += slot.msrs;
			sums[5] += slot.hypercalls;
		}
		Map<String, Long> counters = new LinkedHashMap<>();
		String[] names = { "exits.port.read", "exits.port.write", "exits.mmio.read", "exits.mmio.write", "exits.msr",
				"exits.hypercall" };
		for (int i = 0; i < names.length; i++)
			counters.put(names[i], sums[i]);
		oddities.forEach((what, count) -> counters.put("odd." + what, count.sum()));
		return counters;
	}
}
