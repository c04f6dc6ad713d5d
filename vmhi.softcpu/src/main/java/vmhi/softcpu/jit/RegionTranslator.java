package vmhi.softcpu.jit;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

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
	private static final int COUNTED = Integer.getInteger("vmhi.softcpu.counted", 300);
	private static final int MOST_INSNS = Integer.getInteger("vmhi.softcpu.region", 160);

	private final CodeCache code;
	/** A vCPU that does nothing. */
	private final Cpu idle;
	private final boolean ordered;
	private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
	private final Object end = new Object();
	private final Thread thread;

	/** What was done, for measuring. */
	private int regions, blocks, insns, bytes;
	private long nanos;

	/** @param ordered whether the machine has several vCPUs */
	public RegionTranslator(String machine, CodeCache code, Cpu idle, boolean ordered) {
		this.idle = idle;
		this.ordered = ordered;
		this.code = code;
		thread = new Thread(this::work, "translator " + machine);
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
			for (Object next = queue.take(); next != end; next = queue.take())
				translate((Block) next);
		} catch (InterruptedException e) {
			// nobody does; but then it is over
		}
		LOG.debug("{} regions of {} blocks, {} instructions, {} bytes of bytecode, {} ms", regions, blocks, insns,
				bytes, nanos / 1_000_000);
	}

	private void translate(Block first) {
		if (!first.valid || first.translation != null)
			return;
		long start = System.nanoTime();
		try {
			for (int most = MOST_INSNS; most > 0; most = most / 2) {
				Selection selection = Selection.around(first, most, Interpreter.HOT / 16);
				RegionEmitter emitter = new RegionEmitter(selection, ordered);
				byte[] image = emitter.emit();
				if (emitter.methodBytes() > LARGEST_METHOD && selection.blocks().size() > 1)
					continue;
				Region region = (Region) MethodHandles.lookup().defineHiddenClass(image, true).lookupClass()
						.getDeclaredConstructor().newInstance();
				region.prepare(emitter.executed(), emitter.faulting());
				for (int i = 0; i < COUNTED; i++)
					region.run(idle, -1);
				if (code.install(region, selection.blocks())) {
					regions++;
					blocks += selection.blocks().size();
					insns += selection.insns().stream().mapToInt(i -> i.length).sum();
					bytes += emitter.methodBytes();
				}
				break;
			}
		} catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
			LOG.error("the code at {} stays interpreted", Long.toHexString(first.rip), e);
		}
		nanos += System.nanoTime() - start;
	}
}
