package vmhi.tck.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static vmhi.api.cpu.VcpuContext.RAX;
import static vmhi.api.cpu.VcpuContext.RBX;
import static vmhi.api.cpu.VcpuContext.RCX;
import static vmhi.api.cpu.VcpuContext.RDI;
import static vmhi.api.cpu.VcpuContext.RDX;
import static vmhi.api.cpu.VcpuContext.RSI;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import com.sun.management.ThreadMXBean;

import vmhi.api.cpu.CpuKind;
import vmhi.api.cpu.CpuState;
import vmhi.api.cpu.Doorbells;
import vmhi.api.cpu.RunEnd;
import vmhi.api.cpu.Vcpu;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.memory.DirtySource;
import vmhi.api.memory.GuestMemory;
import vmhi.tck.Contract;
import vmhi.tck.cpu.Bench.Mode;

/** What a vCPU does with ports, MMIO, MSRs and CPUID, and how it tells what the guest wrote. */
@Contract(value = "vmhi.api.cpu", version = CpuKind.CONTRACT)
public interface CpuIoContract extends CpuContract {

	@Test
	default void portIoCarriesSizesAndValues() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x11L, 0x2222L, 0xc333_3333L, 0x44L));
		try (Bench bench = Bench.of(this, Mode.LONG, host, 1).load(Snippets.PORTS)) {
			CpuState state = bench.execute();

			assertEquals(List.of("in 510 1", "in 510 2", "in 510 4", "out 510 1 21", "out 510 2 4321",
					"out 510 4 87654321", "in 80 1", "out 80 2 4344"), host.seen);
			assertEquals(0xffff_ffff_ffff_ff11L, Bench.register(state, RBX), "IN of a byte leaves the rest of RAX");
			assertEquals(0xffff_ffff_ffff_2222L, Bench.register(state, RCX), "and so does IN of a word");
			assertEquals(0xc333_3333L, Bench.register(state, RSI), "IN of a doubleword clears the upper half");
			assertEquals(0x8765_4344L, Bench.register(state, RDI));
		}
	}

	@Test
	default void stringIoMovesEachElement() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x1122L, 0x3344L));
		try (Bench bench = Bench.of(this, Mode.LONG, host, 1).load(Snippets.STRINGS)) {
			bench.memory.putInt(Bench.DATA, 0x636261);
			CpuState state = bench.execute();

			assertEquals(List.of("out 510 1 61", "out 510 1 62", "out 510 1 63", "in 510 2", "in 510 2"), host.seen);
			assertEquals(0x3344_1122, bench.memory.getInt(Bench.DATA + 0x10));
			assertEquals(0, Bench.register(state, RCX));
			assertEquals(Bench.DATA + 3, Bench.register(state, RSI));
			assertEquals(Bench.DATA + 0x14, Bench.register(state, RDI));
		}
	}

	@Test
	default void mmioCarriesAddressesSizesAndValues() throws Exception {
		ProbeHost host = new ProbeHost();
		host.answers.addAll(List.of(0x11L, 0x2222L, 0xc333_3333L, 0x8444_4444_4444_4444L));
		try (Bench bench = Bench.of(this, Mode.LONG, host, 1).load(Snippets.MMIO)) {
			CpuState state = bench.execute();

			assertEquals(List.of("store d0000000 1 88", "store d0000002 2 7788", "store d0000004 4 55667788",
					"store d0000008 8 1122334455667788", "load d0000000 1", "load d0000002 2", "load d0000004 4",
					"load d0000008 8"), host.seen);
			assertEquals(0xffff_ffff_ffff_ff11L, Bench.register(state, RCX));
			assertEquals(0xffff_ffff_ffff_2222L, Bench.register(state, RDX));
			assertEquals(0xc333_3333L, Bench.register(state, RSI));
			assertEquals(0x8444_4444_4444_4444L, Bench.register(state, RDI));
		}
	}

	@Test
	default void codeOfEachWidthRuns() throws Exception {
		widthIs(Mode.USER, Snippets.CONTEXT_64, 64, 3);
		widthIs(Mode.LONG, Snippets.CONTEXT_64, 64, 0);
		widthIs(Mode.PROTECTED, Snippets.CONTEXT_32, 32, 0);
		widthIs(Mode.REAL, Snippets.CONTEXT_16, 16, 0);
	}

	private void widthIs(Mode mode, Code code, int bits, int privilege) throws Exception {
		AtomicInteger found = new AtomicInteger();
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == 0x80)
					found.set(vcpu.codeBits() * 10 + vcpu.privilege());
				super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = Bench.of(this, mode, host, 1).load(code)) {
			bench.execute();

			assertEquals(bits * 10 + privilege, found.get(), () -> "width and privilege of code in mode " + mode);
		}
	}

	@Test
	default void hostSeesRegistersAndMayChangeThem() throws Exception {
		List<Long> before = new ArrayList<>();
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port == 0x80) {
					for (int i = 0; i < 16; i++) {
						before.add(vcpu.register(i));
						if (i != VcpuContext.RSP)
							vcpu.register(i, vcpu.register(i) + 0x1_0000_0001L);
					}
					before.add((long) vcpu.index());
				}
				super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = Bench.of(this, Mode.LONG, host, 2).load(Snippets.CONTEXT_64)) {
			CpuState start = bench.begin(false);
			List<Long> expected = new ArrayList<>();
			for (int i = 0; i < 16; i++) {
				if (i != VcpuContext.RSP)
					start.general().registers()[i] = 0x1111_2222_3333_4440L + i;
				expected.add(start.general().registers()[i]);
			}
			expected.add(1L);
			Vcpu vcpu = bench.processor.vcpu(1);
			vcpu.restore(start);
			bench.runToEnd(vcpu, 1);
			CpuState after = vcpu.save();

			assertEquals(expected, before);
			for (int i = 0; i < 16; i++)
				if (i != VcpuContext.RSP)
					assertEquals(0x1111_2223_3333_4441L + i, Bench.register(after, i), "register " + i);
		}
	}

	@Test
	default void cpuidAnswersFromTheTable() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.CPUID)) {
			CpuState state = bench.execute();

			assertEquals(Bench.OWN_LEAF.eax(), (int) Bench.register(state, RSI));
			assertEquals(Bench.OWN_LEAF.ebx(), (int) Bench.register(state, RBX));
			assertEquals(Bench.OWN_LEAF.ecx(), (int) Bench.register(state, RCX));
			assertEquals(Bench.OWN_LEAF.edx(), (int) Bench.register(state, RDX));
		}
	}

	@Test
	default void trappedMsrsGoToTheHost() throws Exception {
		ProbeHost host = new ProbeHost() {
			@Override
			public boolean readMsr(VcpuContext vcpu, int index) {
				vcpu.msrValue(0x0123_4567_89ab_cdefL);
				super.readMsr(vcpu, index);
				return true;
			}

			@Override
			public boolean writeMsr(VcpuContext vcpu, int index, long value) {
				super.writeMsr(vcpu, index, value);
				return true;
			}
		};
		try (Bench bench = Bench.of(this, Mode.LONG, host, 1).load(Snippets.MSRS)) {
			CpuState state = bench.execute();

			assertEquals(List.of("rdmsr 40000f00", "wrmsr 40000f01 1122334455667788"), host.seen);
			assertEquals(0x89ab_cdefL, Bench.register(state, RBX));
			assertEquals(0x0123_4567L, Bench.register(state, RSI));
		}
	}

	@Test
	default void msrThatTheHostRefusesIsAFault() throws Exception {
		ProbeHost host = new ProbeHost();
		try (Bench bench = Bench.of(this, Mode.LONG, host, 1).load(Snippets.MSRS)) {
			assertEquals(RunEnd.SHUTDOWN, Bench.run(bench.start(0)));
			assertEquals(List.of("rdmsr 40000f00"), host.seen);
		}
	}

	@Test
	default void accessFromTheGuestAllocatesNothing() throws Exception {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeTrue(threads.isThreadAllocatedMemorySupported(), "this JVM does not count what a thread allocates");
		int count = 2_000;
		ProbeHost host = new ProbeHost() {
			@Override
			public void writePort(VcpuContext vcpu, int port, int size, long value) {
				if (port != 0x510)
					super.writePort(vcpu, port, size, value);
			}
		};
		try (Bench bench = Bench.of(this, Mode.USER, host, 1).load(Snippets.OUTS)) {
			bench.memory.putInt(Bench.DATA, count);
			long least = Long.MAX_VALUE;
			for (int round = 0; round < 6; round++) {
				Vcpu vcpu = bench.start(0);
				long before = threads.getCurrentThreadAllocatedBytes();
				RunEnd end = Bench.run(vcpu);
				least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
				assertEquals(RunEnd.STOPPED, end);
			}
			assertTrue(least < count, least + " bytes for " + count + " accesses");
		}
	}

	@Test
	default void doorbellRingsInsteadOfAnExit() throws Exception {
		ProbeHost host = new ProbeHost();
		try (Bench bench = Bench.of(this, Mode.USER, host, 1).load(Snippets.BELL)) {
			assumeTrue(bench.processor instanceof Doorbells, "has no Doorbells");
			Semaphore rung = new Semaphore(0);
			AutoCloseable bell = ((Doorbells) bench.processor)
					.doorbell(false, Bench.MMIO + 0x24, 4, false, 0, rung::release);
			bench.execute();

			assertTrue(rung.tryAcquire(10, TimeUnit.SECONDS), "the bell did not ring");
			assertEquals(List.of("store d0000028 4 8"), host.seen);
			bell.close();
			host.seen.clear();
			bench.execute();
			assertEquals(List.of("store d0000024 4 7", "store d0000028 4 8"), host.seen);
		}
	}

	@Test
	default void pagesThatTheGuestWroteAreTold() throws Exception {
		try (Bench bench = Bench.of(this, Mode.USER, new ProbeHost(), 1).load(Snippets.DIRTY)) {
			assumeTrue(bench.processor instanceof DirtySource, "is no DirtySource");
			DirtySource source = (DirtySource) bench.processor;
			source.trackDirty(true);
			bench.execute();

			Set<Long> pages = dirty(source);
			assertTrue(pages.containsAll(Set.of(0x30L, 0x31L, 0x35L)), pages.toString());
			assertFalse(pages.contains(0x33L), "a page between them is told as well");
			assertEquals(Set.of(), dirty(source), "they are told once");

			bench.execute();
			assertTrue(dirty(source).contains(0x30L), "and again when they are written again");
			source.trackDirty(false);
		}
	}

	private static Set<Long> dirty(DirtySource source) {
		Set<Long> pages = new HashSet<>();
		source.collectDirty((gpa, length) -> {
			for (long page = gpa; page < gpa + length; page += GuestMemory.PAGE_SIZE)
				pages.add(page / GuestMemory.PAGE_SIZE);
		});
		return pages;
	}
}
