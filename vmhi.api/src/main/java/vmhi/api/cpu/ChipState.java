package vmhi.api.cpu;

import java.util.List;

/**
 * State of the interrupt chips and the timer that serve all vCPUs, the same for every implementation.
 *
 * @param ioApic {@code null} where there is none
 * @param primaryPic the 8259 at port 0x20, {@code null} where there is none
 * @param secondaryPic the 8259 at port 0xa0, {@code null} where there is none
 * @param pit the 8254 at port 0x40, {@code null} where there is none
 * @param lines the level of each interrupt line, by GSI
 */
public record ChipState(IoApic ioApic, Pic primaryPic, Pic secondaryPic, Pit pit, List<Boolean> lines) {

	/** Version of the layout of this value, as it is stored. */
	public static final int VERSION = 1;

	/** The list is kept as it is now. */
	public ChipState {
		lines = List.copyOf(lines);
	}

	/**
	 * An I/O APIC (82093AA data sheet, section 3).
	 *
	 * @param baseAddress GPA of its registers
	 * @param select the index register
	 * @param redirection the redirection table, an entry a pin
	 * @param pending pins with a request not delivered yet, bit by bit
	 */
	public record IoApic(long baseAddress, int select, int id, long[] redirection, int pending) {}

	/**
	 * One 8259A; names and meaning as in its data sheet.
	 *
	 * @param lastIrr levels last seen on its inputs, for edge detection
	 * @param initState which initialization word comes next, 0 for none
	 */
	public record Pic(int lastIrr, int irr, int imr, int isr, int priorityAdd, int irqBase, boolean readIsr,
			boolean poll,
			boolean specialMask, int initState, boolean autoEoi, boolean rotateOnAutoEoi,
			boolean specialFullyNested, boolean init4, int elcr, int elcrMask) {}

	/**
	 * The 8254.
	 *
	 * @param channels three
	 * @param speaker bit 0 the gate of channel 2, bit 1 the speaker, as in port 0x61
	 */
	public record Pit(List<Channel> channels, int speaker) {

		/** The list is kept as it is now. */
		public Pit {
			channels = List.copyOf(channels);
		}
	}

	/**
	 * A counter of the 8254; names as in its data sheet.
	 *
	 * @param count reload value, 1 to 65536
	 * @param readState which byte is read next, {@code writeState} likewise
	 * @param elapsed guest nanoseconds since the count was loaded
	 */
	public record Channel(int count, int latchedCount, int countLatched, boolean statusLatched, int status,
			int readState,
			int writeState, int writeLatch, int accessMode, int mode, boolean bcd, boolean gate, long elapsed) {}
}
