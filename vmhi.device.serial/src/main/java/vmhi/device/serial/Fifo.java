package vmhi.device.serial;

/** Up to 16 characters, each with what was wrong with it ({@link LineStatus}). */
final class Fifo {
	static final int MOST = 16;

	private final byte[] values = new byte[MOST];
	private final byte[] errors = new byte[MOST];
	private int first;
	private int size;

	boolean isEmpty() {
		return size == 0;
	}

	int size() {
		return size;
	}

	void clear() {
		size = 0;
	}

	/** There has to be room. */
	void add(int value, int error) {
		int at = (first + size++) % MOST;
		values[at] = (byte) value;
		errors[at] = (byte) error;
	}

	/** Puts another value in the place of the last one. */
	void replaceLast(int value, int error) {
		size--;
		add(value, error);
	}

	/** The first value. It has to be there. */
	int peek() {
		return values[first] & 0xff;
	}

	/** Takes the first value. It has to be there. */
	int take() {
		int value = peek();
		first = (first + 1) % MOST;
		size--;
		return value;
	}

	/** Takes what is wrong with the first character, if there is one, off it. */
	int takeError() {
		if (size == 0)
			return 0;
		int error = errors[first];
		errors[first] = 0;
		return error;
	}

	boolean hasError() {
		for (int i = 0; i < size; i++)
			if (errors[(first + i) % MOST] != 0)
				return true;
		return false;
	}

	byte[] values() {
		return inOrder(values);
	}

	byte[] errors() {
		return inOrder(errors);
	}

	private byte[] inOrder(byte[] ring) {
		byte[] ordered = new byte[size];
		for (int i = 0; i < size; i++)
			ordered[i] = ring[(first + i) % MOST];
		return ordered;
	}
}
