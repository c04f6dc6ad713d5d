package vmhi.tck.cpu;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

import vmhi.api.cpu.CpuState;

/** States as text, part by part, so that a difference can be read. */
final class CpuStates {
	/** MSRs that go on by themselves: the time-stamp counter and its deadline, MPERF and APERF. */
	private static final Set<Integer> RUNNING = Set.of(0x10, 0x6e0, 0xe7, 0xe8);

	private CpuStates() {}

	/** Where two states differ, apart from what goes on by itself; empty if they are the same. */
	static Map<String, String> differences(CpuState expected, CpuState actual) {
		Map<String, String> one = text(expected);
		Map<String, String> other = text(actual);
		Map<String, String> differences = new TreeMap<>();
		for (Map<String, String> each : List.of(one, other))
			for (String part : each.keySet())
				if (!Objects.equals(one.get(part), other.get(part)))
					differences.put(part, "not " + one.get(part) + " but " + other.get(part));
		return differences;
	}

	private static Map<String, String> text(CpuState state) {
		Map<String, String> text = new TreeMap<>();
		text.put("registers", hex(state.general().registers()));
		text.put("rip", Long.toHexString(state.general().rip()));
		text.put("rflags", Long.toHexString(state.general().rflags() | 2));
		text.put("system", state.system().toString());
		text.put("dr0to3", hex(state.debug().dr0to3()));
		text.put("dr7", Long.toHexString(state.debug().dr7()));
		for (CpuState.Msr msr : state.msrs())
			if (!RUNNING.contains(msr.index()))
				text.put("msr %x".formatted(msr.index()), Long.toHexString(msr.value()));
		for (CpuState.Xcr xcr : state.xcrs())
			text.put("xcr " + xcr.index(), Long.toHexString(xcr.value()));
		text.put("fpu control, status, tags", bytes(state.xsave(), 0, 5));
		text.put("mxcsr", bytes(state.xsave(), 24, 28));
		text.put("x87 and xmm registers", bytes(state.xsave(), 32, 416));
		text.put("events", state.events().toString());
		text.put("mpState", state.mpState().toString());
		return text;
	}

	private static String hex(long[] values) {
		return Arrays.stream(values).mapToObj(Long::toHexString).toList().toString();
	}

	private static String bytes(byte[] area, int from, int to) {
		return HexFormat.of().formatHex(area, from, to);
	}
}
