package vmhi.device.irqchip;

/** A bit for each of the 256 vectors: the form of IRR, ISR and TMR (SDM volume 3, 10.8.4). */
final class Vectors {
	static final int WORDS = 8;

	/** Vectors below are for exceptions; no interrupt has one of them (SDM volume 3, 10.5.2). */
	static final int FIRST = 16;

	private final int[] words = new int[WORDS];

	boolean get(int vector) {
		return (words[vector >>> 5] >>> (vector & 31) & 1) != 0;
	}

	void set(int vector, boolean on) {
		if (on)
			words[vector >>> 5] |= 1 << (vector & 31);
		else
			words[vector >>> 5] &= ~(1 << (vector & 31));
	}

	/** The highest that is set, or -1. */
	int highest() {
		for (int i = WORDS - 1; i >= 0; i--)
			if (words[i] != 0)
				return 32 * i + 31 - Integer.numberOfLeadingZeros(words[i]);
		return -1;
	}

	/** Vectors {@code 32 * i} to {@code 32 * i + 31}. */
	int word(int i) {
		return words[i];
	}

	void word(int i, int value) {
		words[i] = i == 0 ? value & -1 << FIRST : value;
	}

	void clear() {
		for (int i = 0; i < WORDS; i++)
			words[i] = 0;
	}
}
