package vmhi.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import vmhi.api.cpu.CpuidTable;
import vmhi.api.cpu.CpuidTable.Leaf;
import vmhi.api.machine.MachineException;

class CpuModelsTest {
	private static final CpuidTable ALL = host(-1);

	/** A host that has every feature of the mask. */
	private static CpuidTable host(int mask) {
		return new CpuidTable(List.of(new Leaf(0, 0, false, 0x1f, 1, 2, 3),
				new Leaf(1, 0, false, 0x306c3, 0x1122_3344 & mask, mask & 0x7fff_ffff, mask & ~(1 << 28)),
				new Leaf(6, 0, false, -1, -1, -1, -1), new Leaf(7, 0, true, 2, mask, mask, mask),
				new Leaf(7, 1, true, -1, -1, -1, -1), new Leaf(0xb, 0, true, 1, 2, 3, 4),
				new Leaf(0xb, 1, true, 1, 2, 3, 4), new Leaf(0xb, 2, true, 1, 2, 3, 4),
				new Leaf(0xd, 0, true, 7, 0x340, 0x340, 0), new Leaf(0xd, 9, true, 1, 1, 1, 1),
				new Leaf(0x8000_0001, 0, false, 0, 0, mask, mask)));
	}

	private static Leaf leaf(CpuidTable table, int leaf) {
		return table.find(leaf, 0).orElseThrow();
	}

	@ParameterizedTest
	@CsvSource({ "x86-64, 0, 0, 0", "x86-64-v2, 0x982201, 0, 0x1", "x86-64-v3, 0x34d83201, 0x128, 0x21" })
	void aLevelHasItsFeaturesAndNoMore(String model, String ecx, String ebx7, String extended) throws Exception {
		CpuidTable table = CpuModels.table(model, ALL, List.of(), 0, 1);
		int allowed = 1 << 21 | 1 << 24; // x2APIC and the deadline timer, with any level
		assertEquals(Integer.decode(ecx) | allowed, leaf(table, 1).ecx());
		assertEquals(Integer.decode(ebx7), leaf(table, 7).ebx());
		assertEquals(Integer.decode(extended), leaf(table, 0x8000_0001).ecx());
		assertEquals(0, leaf(table, 7).ecx() | leaf(table, 7).edx());
		assertTrue(table.find(6, 0).isEmpty() && table.find(7, 1).isEmpty());
		assertEquals(model.equals("x86-64-v3"), table.find(0xd, 0).isPresent());
		assertTrue(table.find(0xd, 9).isEmpty());
		assertEquals(List.of(), CpuModels.lacking(table, ALL));
	}

	@ParameterizedTest
	@CsvSource({ "x86-64", "x86-64-v2", "x86-64-v3" })
	void aHostThatLacksAPartIsToldWhich(String model) {
		MachineException e = assertThrows(MachineException.class,
				() -> CpuModels.table(model, host(~(1 << 5)), List.of(), 0, 1));
		assertEquals(MachineException.Kind.HOST, e.kind());
		assertTrue(e.getMessage().contains("0x20"), e.getMessage());
	}

	@Test
	void aModelThatIsNotThereIsInvalid() {
		assertEquals(MachineException.Kind.INVALID,
				assertThrows(MachineException.class, () -> CpuModels.table("486", ALL, List.of(), 0, 1)).kind());
	}

	@Test
	void theHostModelIsAllThatTheBackendHas() throws Exception {
		CpuidTable table = CpuModels.table("host", ALL, List.of(), 0, 1);
		assertEquals(ALL.leaves().size(), table.leaves().size());
		assertEquals(leaf(ALL, 7), leaf(table, 7));
	}

	@ParameterizedTest
	@CsvSource({ "1, 0", "2, 1", "3, 2", "4, 2", "5, 3", "255, 8" })
	void theTopologyIsOneThreadACoreInOnePackage(int vcpus, int shift) throws Exception {
		for (int vcpu : new int[] { 0, vcpus - 1 }) {
			CpuidTable table = CpuModels.table("host", ALL, List.of(), vcpu, vcpus);
			assertEquals(vcpu, leaf(table, 1).ebx() >>> 24);
			assertEquals(vcpus, leaf(table, 1).ebx() >>> 16 & 0xff);
			assertEquals(0x3344, leaf(table, 1).ebx() & 0xffff);
			assertEquals(vcpus > 1, (leaf(table, 1).edx() >>> 28 & 1) != 0);
			assertEquals(new Leaf(0xb, 0, true, 0, 1, 0x100, vcpu), leaf(table, 0xb));
			assertEquals(new Leaf(0xb, 1, true, shift, vcpus, 0x201, vcpu), table.find(0xb, 1).orElseThrow());
			assertEquals(new Leaf(0xb, 2, true, 0, 0, 2, vcpu), table.find(0xb, 2).orElseThrow());
		}
	}

	@Test
	void whatDevicesContributeReplacesAndTellsOfAHypervisor() throws Exception {
		Leaf own = new Leaf(0x4000_0000, 0, false, 1, 2, 3, 4);
		Leaf other = new Leaf(6, 0, false, 9, 9, 9, 9);
		CpuidTable table = CpuModels.table("x86-64", ALL, List.of(own, other), 0, 1);
		assertEquals(own, leaf(table, 0x4000_0000));
		assertEquals(other, leaf(table, 6));
		assertTrue(leaf(table, 1).ecx() < 0);
		assertEquals(List.of(), CpuModels.lacking(table, ALL), "which a backend need not have");
		List<Leaf> sorted = new ArrayList<>(table.leaves());
		sorted.sort((a, b) -> a.leaf() != b.leaf()
				? Integer.compareUnsigned(a.leaf(), b.leaf())
				: Integer.compareUnsigned(a.subleaf(), b.subleaf()));
		assertEquals(sorted, table.leaves());
	}

	@Test
	void aBackendThatCannotDoWhatTheGuestWasToldIsFound() throws Exception {
		CpuidTable table = CpuModels.table("x86-64-v2", ALL, List.of(), 0, 2);
		assertEquals(2, CpuModels.lacking(table, host(~(1 << 19))).size(), "SSE4.1, and CLFSH of the same number");
	}
}
