package vmhi.softcpu.diff;

import static vmhi.softcpu.diff.Layout.*;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuException;
import vmhi.softcpu.diff.Case.Approximation;

/**
 * Results of a processor, recorded for hosts that have none to ask: for each case of 64-bit code a checksum of what
 * came of it. The cases themselves are made anew, by the same generator. {@link #main} records.
 *
 * @param leftOut templates that the processor was not asked about
 * @param cases a checksum of all cases, by which it is known whether the generator is still the same
 * @param results 0 where a result is not exact by its specification
 */
record Corpus(long seed, Set<String> leftOut, long cases, long[] results) {
	static final String RESOURCE = "corpus.bin";
	private static final int COUNT = 2 * MOST_CASES;
	private static final int VERSION = 1, MOST_LEFT_OUT = 10_000;
	private static final long NOT_EXACT = 0;
	private static final int UNDEFINED_OPCODE = 6;

	static Corpus read(InputStream in) throws IOException {
		try (DataInputStream data = new DataInputStream(in)) {
			if (data.readInt() != VERSION)
				throw new IOException("recorded cases of another version");
			long seed = data.readLong();
			long cases = data.readLong();
			String[] leftOut = new String[Math.min(data.readInt(), MOST_LEFT_OUT)];
			for (int i = 0; i < leftOut.length; i++)
				leftOut[i] = data.readUTF();
			long[] results = new long[COUNT];
			for (int i = 0; i < results.length; i++)
				results[i] = data.readLong();
			return new Corpus(seed, Set.of(leftOut), cases, results);
		}
	}

	private void write(Path file) throws IOException {
		try (DataOutputStream data = new DataOutputStream(Files.newOutputStream(file))) {
			data.writeInt(VERSION);
			data.writeLong(seed);
			data.writeLong(cases);
			data.writeInt(leftOut.size());
			for (String each : leftOut)
				data.writeUTF(each);
			for (long result : results)
				data.writeLong(result);
		}
	}

	/** The generator that the cases were made with. */
	private static Generator generator(Set<String> leftOut) {
		List<Template> templates = new ArrayList<>();
		for (Template template : Templates.all())
			if (template.wide && !leftOut.contains(template.id(true)))
				templates.add(template);
		return new Generator(templates, List.of(), false);
	}

	private static Case[] make(Generator generator, long seed) {
		Case[] cases = new Case[COUNT];
		for (int i = 0; i < COUNT; i++)
			cases[i] = generator.make(seed, i);
		return cases;
	}

	private static long checksum(Case[] cases) {
		CRC32 sum = new CRC32();
		for (Case each : cases) {
			sum.update(each.code());
			sum.update(each.record());
		}
		return sum.getValue();
	}

	/** FNV-1a over all that is compared. */
	private static long result(Case given, byte[] record) {
		if (given.approximation() != Approximation.NONE)
			return NOT_EXACT;
		Comparison.mask(given, ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN));
		long hash = 0xcbf2_9ce4_8422_2325L;
		for (int i = OUT_REGISTERS; i < RECORD_SIZE; i++)
			hash = (hash ^ record[i] & 0xff) * 0x100_0000_01b3L;
		return hash == NOT_EXACT ? 1 : hash;
	}

	private static long[] run(Rig rig, Case[] cases) throws CpuException {
		long[] results = new long[COUNT];
		byte[] record = new byte[RECORD_SIZE];
		for (int first = 0; first < COUNT; first += MOST_CASES) {
			for (int i = first; i < first + MOST_CASES; i++)
				rig.load(cases[i]);
			int done = rig.run(0, MOST_CASES);
			for (int i = first; i < first + MOST_CASES; i++) {
				rig.read(cases[i].slot(), record);
				results[i] = cases[i].slot() < done ? result(cases[i], record) : -1;
			}
		}
		return results;
	}

	/**
	 * Runs the cases.
	 *
	 * @param features cases that need others do not count
	 * @return those that came out otherwise than recorded
	 * @throws IllegalStateException if the generator makes other cases now
	 */
	List<Case> differences(CpuBackend tested, Set<String> features) throws CpuException {
		Case[] made = make(generator(leftOut), seed);
		if (checksum(made) != cases)
			throw new IllegalStateException("the generator has changed since: record the cases anew");
		List<Case> different = new ArrayList<>();
		try (Rig rig = new Rig("tested", tested, tested.supportedCpuid())) {
			rig.warmUp();
			long[] now = run(rig, made);
			for (int i = 0; i < COUNT; i++)
				if (results[i] != NOT_EXACT && now[i] != results[i] && features.containsAll(made[i].features()))
					different.add(made[i]);
		}
		return different;
	}

	/** What ended in #UD but for those that have to may have been #GP (see {@link Survey#interprets}). */
	private static void forgetInterpreted(Case[] cases, long[] results, Rig rig) throws CpuException {
		for (int i = 0; i < COUNT; i++) {
			rig.load(cases[i]);
			rig.run(cases[i].slot(), cases[i].slot() + 1);
			if (rig.vector(cases[i].slot()) == UNDEFINED_OPCODE && !cases[i].names().contains("illegal.ud"))
				results[i] = NOT_EXACT;
		}
	}

	/** Records what the processor does: the argument is the file to write. Each case has to come out the same thrice. */
	public static void main(String[] arguments) throws CpuException, IOException {
		Optional<CpuBackend> processor = Backends.kvm();
		if (processor.isEmpty()) {
			System.err.println("no processor to ask");
			System.exit(2);
		}
		try (Rig rig = new Rig("recorded", processor.get(), processor.get().supportedCpuid())) {
			rig.warmUp();
			Survey survey = Survey.take(rig, Differential.FEATURES.keySet());
			Set<String> leftOut = survey.leftOut();
			long seed = Long.getLong("vmhi.diff.seed", 1);
			Case[] cases = make(generator(leftOut), seed);
			long[] results = run(rig, cases);
			for (int same = 1, tries = 0; same < 3 && tries < 30; tries++) {
				long[] again = run(rig, cases);
				same = Arrays.equals(again, results) ? same + 1 : 1;
				results = again;
			}
			if (survey.interprets())
				forgetInterpreted(cases, results, rig);
			new Corpus(seed, leftOut, checksum(cases), results).write(Path.of(arguments[0]));
		}
		System.exit(0);
	}
}
