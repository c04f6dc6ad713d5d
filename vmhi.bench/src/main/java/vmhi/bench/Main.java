package vmhi.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** {@code java -jar vmhi.bench.jar}: runs the benchmarks that are named. */
public final class Main {
	private static final String HELP = """
			java -jar vmhi.bench.jar [OPTION]... BENCHMARK...

			  exits          an exit to a device and back, PIO and MMIO, beside a loop in C; needs KVM and cc
			  dispatch       what the core does with an exit, in ns and bytes allocated (JMH)
			  start          vmhi serve until REST answers
			  machine-start  a machine until its guest reaches a device, beside a loop in C; needs KVM and cc
			  idle-memory    memory of the process with 0, 10 and 50 halted machines; needs KVM
			  linux-boot     Debian's kernel to its first process on the software CPU, beside QEMU's; needs qemu-system-x86
			  guest-programs programs that compute, in a guest with Linux, likewise; needs gcc, too
			  guest-instructions  instructions a second in such a guest, interpreted and translated, beside QEMU's
			  all            all of these

			  --rounds N     rounds that count, but in dispatch, where JMH decides (default: 15)
			  --dist DIR     the distribution to measure (default: the one in this tree)
			  --java DIR     a JDK to run it with, as often as you like: start takes all, the others the first
			                 (default: the one that runs this)

			docs/performance.md tells what comes out and what it means.
			""";

	/** One benchmark. */
	private interface Benchmark {
		void run(Setup setup) throws Exception;
	}

	private static final Map<String, Benchmark> BENCHMARKS = new LinkedHashMap<>();

	static {
		BENCHMARKS.put("exits", ExitRoundTrip::run);
		BENCHMARKS.put("dispatch", Main::dispatch);
		BENCHMARKS.put("start", PlatformStart::run);
		BENCHMARKS.put("machine-start", MachineStart::run);
		BENCHMARKS.put("idle-memory", IdleMemory::run);
		BENCHMARKS.put("linux-boot", LinuxBoot::run);
		BENCHMARKS.put("guest-programs", GuestPrograms::run);
		BENCHMARKS.put("guest-instructions", GuestInstructions::run);
	}

	private int rounds = 15;
	private Path dist = Setup.builtDist();
	private final List<Path> javas = new ArrayList<>();
	private final List<String> names = new ArrayList<>();

	private Main() {}

	/** Ends with 0 if all that was asked for was measured, 1 if not, 2 if nobody knows what was asked for. */
	public static void main(String[] args) throws Exception {
		System.exit(new Main().run(args));
	}

	private int run(String[] args) throws Exception {
		String wrong = parse(args);
		if (wrong != null) {
			System.err.println("vmhi.bench: " + wrong + "; -h says what there is");
			return 2;
		}
		if (names.isEmpty()) {
			System.out.print(HELP);
			return 0;
		}
		if (javas.isEmpty())
			javas.add(Setup.ownJava());
		int status = 0;
		Path scratch = Files.createTempDirectory("vmhi-bench");
		try {
			for (String name : names)
				status |= run(name, new Setup(rounds, dist, javas, scratch));
		} finally {
			Setup.delete(scratch);
		}
		return status;
	}

	private static int run(String name, Setup setup) throws Exception {
		try {
			BENCHMARKS.get(name).run(setup);
			return 0;
		} catch (Setup.MissingException e) {
			System.err.println("vmhi.bench: " + name + ": " + e.getMessage());
			return 1;
		}
	}

	/** @return what is wrong, or {@code null} */
	private String parse(String[] args) {
		for (int i = 0; i < args.length; i++) {
			String word = args[i];
			if (word.equals("-h") || word.equals("--help")) {
				names.clear();
				return null;
			}
			if (word.startsWith("--") && i + 1 == args.length)
				return word + " lacks its value";
			switch (word) {
				case "--rounds" -> {
					if (!args[++i].matches("[1-9][0-9]{0,4}"))
						return "--rounds is " + args[i] + ", not 1..99999";
					rounds = Integer.parseInt(args[i]);
				}
				case "--dist" -> dist = Path.of(args[++i]).toAbsolutePath();
				case "--java" -> javas.add(Path.of(args[++i]).toAbsolutePath());
				case "all" -> names.addAll(BENCHMARKS.keySet());
				default -> {
					if (!BENCHMARKS.containsKey(word))
						return "there is no " + word;
					names.add(word);
				}
			}
		}
		return null;
	}

	private static void dispatch(Setup setup) throws Exception {
		OptionsBuilder options = new OptionsBuilder();
		options.include(DispatchBench.class.getName()).addProfiler(GCProfiler.class);
		new Runner(options.build()).run();
	}
}
