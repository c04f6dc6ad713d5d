package vmhi.softcpu.jit;

import java.lang.invoke.MethodHandles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.softcpu.core.Block;
import vmhi.softcpu.core.CodeCache;
import vmhi.softcpu.core.Cpu;
import vmhi.softcpu.core.Interpreter;
import vmhi.softcpu.core.Translator;

/**
 * Translates regions of hot blocks into classes, on a thread of its own; one for each machine. What the JVM makes of the
 * classes is its affair: it interprets, compiles and optimizes them as they prove to be hot.
 */
public final class RegionTranslator implements Translator {
	private static final Logger LOG = LoggerFactory.getLogger(RegionTranslator.class);
	/** HotSpot does not compile a method of more bytes (HugeMethodLimit). */
	private static final int LARGEST_METHOD = 7900;
	/**
	 * Calls of a new class for nothing: so many that the JVM compiles it, which takes place on another thread. A vCPU
	 * would have the JVM interpret it meanwhile, which is slower than to interpret the guest.
	 */
	private static final int COUNTED = 256;
	/** Classes that the JVM is to compile at the same time, and microseconds between looks at them. */
	private static final int AT_A_TIME = 3, POLL_MICROS = 200;
	/** Does not wait for the JVM: for tests of what is translated. */
	private static final boolean EAGER = Boolean.getBoolean("vmhi.softcpu.eager");
	/** Nanoseconds after which a class is used whether the JVM has compiled it or not. */
	private static final long PATIENCE = 2_000_000_000L;
	/** Most instructions in a region, but for a single block. */
	private static final int MOST_INSNS = 160;

	private final CodeCache code;
	/** A vCPU that does nothing. */
	private final Cpu idle;
	private final boolean ordered;
	private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
	private final Object end = new Object();

	/**
	 * A region whose class the JVM is about to compile.
	 *
	 * @param since when it was made, by {@link System#nanoTime}
	 * @param interpreted what {@link #time} told then
	 */
	private record Waiting(Region region, Selection selection, long since, long interpreted) {}

	// of the thread: hot blocks that have not had their turn, regions that wait for the JVM, and what was done
	private final List<Block> pending = new ArrayList<>();
	private final Deque<Waiting> waiting = new ArrayDeque<>();
	private int regions, blocks, insns, bytes;
	private long nanos;

	/** @param ordered whether the machine has several vCPUs */
	public RegionTranslator(String machine, CodeCache code, Cpu idle, boolean ordered) {
		this.idle = idle;
		this.ordered = ordered;
		this.code = code;
		Thread thread = new Thread(this::work, "translator " + machine);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void submit(Block block) {
		queue.add(block);
	}

	@Override
	public void close() {
		queue.clear();
		queue.add(end);
	}

	private void work() {
		try {
			while (true) {
				Object next = pending.isEmpty() && waiting.isEmpty() ? queue.take()
						: queue.poll(waiting.isEmpty() ? 0 : POLL_MICROS, TimeUnit.MICROSECONDS);
				for (; next != null; next = queue.poll()) {
					if (next == end) {
						report();
						return;
					}
					pending.add((Block) next);
				}
				installCompiled();
				if (waiting.size() < AT_A_TIME && !pending.isEmpty())
					translate(hottest());
			}
		} catch (InterruptedException e) {
			// nobody does; but then it is over
		}
	}

	/** Takes the block out that was interpreted most. */
	private Block hottest() {
		int best = 0;
		for (int i = 1; i < pending.size(); i++)
			if (pending.get(i).heat() > pending.get(best).heat())
				best = i;
		Block block = pending.get(best);
		pending.set(best, pending.get(pending.size() - 1));
		pending.remove(pending.size() - 1);
		return block;
	}

	private void report() {
		LOG.debug("{} regions of {} blocks, {} instructions, {} bytes of bytecode, {} ms", regions, blocks, insns,
				bytes, nanos / 1_000_000);
	}

	/** Installs what the JVM has compiled. */
	private void installCompiled() {
		for (Iterator<Waiting> all = waiting.iterator(); all.hasNext();) {
			Waiting next = all.next();
			if (!EAGER && System.nanoTime() - next.since < PATIENCE) {
				count(next.region);
				if (time(next.region) * 2 > next.interpreted)
					continue;
			}
			all.remove();
			install(next);
		}
	}

	private void install(Waiting next) {
		next.selection.blocks().forEach(block -> block.claimed = false);
		if (!code.install(next.region, next.selection.blocks())) {
			next.selection.blocks().forEach(Block::cool);
			return;
		}
		regions++;
		blocks += next.selection.blocks().size();
		insns += next.selection.insns().stream().mapToInt(i -> i.length).sum();
	}

	private void count(Region region) {
		for (int i = 0; i < COUNTED; i++)
			region.run(idle, -1);
	}

	/** Nanoseconds to enter and leave a region a number of times: it tells whether the JVM has compiled it. */
	private long time(Region region) {
		long least = Long.MAX_VALUE;
		for (int round = 0; round < 3; round++) {
			long start = System.nanoTime();
			for (int i = 0; i < 16; i++)
				region.run(idle, -1);
			least = Math.min(least, System.nanoTime() - start);
		}
		return least;
	}

	private void translate(Block first) {
		if (!first.valid || first.claimed || first.translated())
			return;
		long start = System.nanoTime();
		try {
			for (int most = MOST_INSNS; most > 0; most = most / 2) {
				Selection selection = Selection.around(first, most, Interpreter.HOT);
				RegionEmitter emitter = new RegionEmitter(selection, ordered);
				byte[] image = emitter.emit();
				if (emitter.methodBytes() > LARGEST_METHOD && selection.blocks().size() > 1)
					continue;
				Region region = Region.make(MethodHandles.lookup().defineHiddenClass(image, false).lookupClass(),
						selection, code.registers(), emitter.executed(), emitter.faulting(), emitter.exitCount());
				bytes += emitter.methodBytes();
				selection.blocks().forEach(block -> block.claimed = true);
				Waiting next = new Waiting(region, selection, System.nanoTime(), EAGER ? 0 : time(region));
				if (!EAGER)
					count(region);
				waiting.add(next);
				break;
			}
		} catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
			LOG.error("the code at {} stays interpreted", Long.toHexString(first.rip), e);
		}
		nanos += System.nanoTime() - start;
	}
}
