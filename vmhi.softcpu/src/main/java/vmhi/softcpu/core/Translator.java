package vmhi.softcpu.core;

/** Translates hot blocks, in the background. */
public interface Translator {

	/** Takes note of a block that is hot. From any vCPU's thread; never blocks. */
	void submit(Block block);

	/** Ends it. */
	void close();
}
