package vmhi.softcpu.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static vmhi.softcpu.diff.Layout.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import vmhi.softcpu.diff.Case.Approximation;

/** That the comparison can fail: results with an error planted are told apart from those that may differ. */
class ComparisonTest {

	private static List<String> compare(Case given, Consumer<ByteBuffer> plant) {
		byte[] one = given.record().clone();
		byte[] other = given.record().clone();
		plant.accept(ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN));
		return Comparison.differences(given, one, other, false);
	}

	private static Case given(int undefined, int everUndefined, Approximation approximation) {
		return new Case(1, 0, 0, true, List.of(), Set.of(), new byte[CODE_SIZE], 0, record(), undefined, everUndefined,
				approximation, SCRATCH + 12, SCRATCH + 28);
	}

	private static byte[] record() {
		ByteBuffer record = ByteBuffer.allocate(RECORD_SIZE).order(ByteOrder.LITTLE_ENDIAN);
		record.putLong(OUT_VECTOR, NO_FAULT);
		for (int i = 0; i < 8; i++)
			record.putLong(OUT_FX + 32 + 16 * i, 0xc000_0000_0000_0000L).putShort(OUT_FX + 40 + 16 * i, (short) 0x3fff);
		for (int i = 0; i < 64; i++)
			record.putFloat(OUT_FX + 160 + 4 * i, 1);
		return record.array();
	}

	@ParameterizedTest
	@ValueSource(ints = { OUT_REGISTERS, OUT_REGISTERS + 127, OUT_FLAGS, OUT_VECTOR, OUT_ERROR, OUT_RIP, OUT_CS, OUT_SS,
			OUT_SEGMENTS, OUT_FX, OUT_FX + 2, OUT_FX + 4, OUT_FX + 24, OUT_FX + 32, OUT_FX + 41, OUT_FX + 160,
			OUT_FX + 415, SCRATCH, SCRATCH + 28, SCRATCH + 511 })
	void aBitThatDiffersIsFound(int at) {
		assertFalse(compare(given(0, 0, Approximation.NONE), record -> record.put(at, (byte) (record.get(at) ^ 1)))
				.isEmpty());
	}

	@Test
	void undefinedFlagsMayDifferAndOthersMayNot() {
		Case given = given(Template.ADJUST, Template.ADJUST | Template.OVERFLOW, Approximation.NONE);
		assertEquals(List.of(), compare(given, record -> record.putLong(OUT_FLAGS, Template.ADJUST)));
		assertFalse(compare(given, record -> record.putLong(OUT_FLAGS, Template.OVERFLOW)).isEmpty());
	}

	@Test
	void pointersOfTheFpuMayDiffer() {
		Case given = given(0, 0, Approximation.NONE);
		assertEquals(List.of(), compare(given, record -> record.putLong(OUT_FX + 8, 1).putLong(SCRATCH + 12, 1)));
	}

	@Test
	void transcendentalsMayBeAnUlpOffAndNotTwo() {
		int significand = OUT_FX + 32;
		Case given = given(0, 0, Approximation.TRANSCENDENTAL);
		assertEquals(List.of(), compare(given, record -> record.putLong(significand, 0xc000_0000_0000_0001L)));
		assertFalse(compare(given, record -> record.putLong(significand, 0xc000_0000_0000_0002L)).isEmpty());
		assertFalse(compare(given(0, 0, Approximation.NONE),
				record -> record.putLong(significand, 0xc000_0000_0000_0001L)).isEmpty());
	}

	@Test
	void reciprocalsAreAsGoodAsTheManualSays() {
		Case given = given(0, 0, Approximation.RECIPROCAL);
		assertEquals(List.of(), compare(given, record -> record.putFloat(OUT_FX + 160, 1 + 1.4f / 4096)));
		assertFalse(compare(given, record -> record.putFloat(OUT_FX + 160, 1 + 4f / 4096)).isEmpty());
	}
}
