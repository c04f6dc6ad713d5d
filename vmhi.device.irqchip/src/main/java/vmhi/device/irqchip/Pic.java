package vmhi.device.irqchip;

import vmhi.api.cpu.ChipState;
import vmhi.api.device.DeviceException;

/**
 * One 8259A (data sheet 231468), as PCs wire it: cascaded, 8086 mode, with an ELCR that makes single inputs triggered by
 * level (82371SB data sheet, 2.5.6) in place of the LTIM bit. Names are those of {@link ChipState.Pic}.
 * <p>
 * Called with the lock of the {@link Irqchip}. {@link PicPair} looks at {@link #next()} after each call that may have
 * changed it.
 */
final class Pic {
	static final int INPUTS = 8;
	static final int NONE = -1;

	private static final int CASCADE = 2; // the input of the primary that has the secondary
	private static final int SPURIOUS = 7;

	// first bytes
	private static final int ICW1 = 0x10, ICW1_IC4 = 1;
	private static final int OCW3 = 0x08, OCW3_READ = 2, OCW3_ISR = 1, OCW3_POLL = 4, OCW3_MASK_SET = 0x40,
			OCW3_MASK = 0x20;
	private static final int POLLED = 0x80;

	// which word of the initialization comes next
	private static final int DONE = 0, ICW2 = 1, ICW3 = 2, ICW4 = 3;

	private final boolean primary;
	private final int elcrMask;
	private int lastIrr; // levels of the inputs
	private int irr;
	private int imr;
	private int isr;
	private int priorityAdd; // the input of the highest priority
	private int irqBase;
	private boolean readIsr;
	private boolean poll;
	private boolean specialMask;
	private int initState;
	private boolean autoEoi;
	private boolean rotateOnAutoEoi;
	private boolean specialFullyNested;
	private boolean init4;
	private int elcr;

	/** @param elcrMask inputs that may be triggered by level */
	Pic(boolean primary, int elcrMask) {
		this.primary = primary;
		this.elcrMask = elcrMask;
	}

	/**
	 * State after power-on, with all inputs masked, as firmware leaves them. A real chip needs ICW1 first; nothing here
	 * should send vectors from 0, which are exceptions, to a guest that knows of no 8259.
	 */
	void reset() {
		lastIrr = 0;
		elcr = 0;
		irqBase = 0;
		poll = false;
		specialFullyNested = false;
		autoEoi = false;
		rotateOnAutoEoi = false;
		init4 = false;
		initialize();
		initState = DONE;
		imr = 0xff;
	}

	/** What ICW1 clears. The edge sense is cleared: an input has to fall and rise to make a request. */
	private void initialize() {
		irr = lastIrr & elcr;
		imr = 0;
		isr = 0;
		priorityAdd = 0;
		readIsr = false;
		specialMask = false;
		initState = ICW2;
	}

	/** The level at an input. */
	void input(int input, boolean level) {
		int bit = 1 << input;
		if ((elcr & bit) != 0)
			irr = level ? irr | bit : irr & ~bit;
		else if (level && (lastIrr & bit) == 0)
			irr |= bit;
		lastIrr = level ? lastIrr | bit : lastIrr & ~bit;
	}

	/** The request of the secondary, which lasts as long as it does, however often it is acknowledged. */
	void cascade(boolean level) {
		irr = level ? irr | 1 << CASCADE : irr & ~(1 << CASCADE);
	}

	/** The input that is requested of the CPU, or {@link #NONE}. */
	int next() {
		int requested = priority(irr & ~imr);
		int serving = isr;
		if (specialMask)
			serving &= ~imr;
		if (specialFullyNested && primary)
			serving &= ~(1 << CASCADE);
		return requested < priority(serving) ? input(requested) : NONE;
	}

	/** The highest priority among these inputs, 0 for the highest there is; 8 if there is none. */
	private int priority(int inputs) {
		int rotated = (inputs | inputs << INPUTS) >>> priorityAdd & 0xff;
		return rotated == 0 ? INPUTS : Integer.numberOfTrailingZeros(rotated);
	}

	private int input(int priority) {
		return priority + priorityAdd & 7;
	}

	boolean isCascade(int input) {
		return primary && input == CASCADE;
	}

	/** INTA: the vector of what is requested; that of input 7 if nothing is any more. */
	int acknowledge() {
		int input = next();
		if (input == NONE)
			return irqBase + SPURIOUS;
		serve(input);
		return irqBase + input;
	}

	private void serve(int input) {
		int bit = 1 << input;
		if ((elcr & bit) == 0)
			irr &= ~bit;
		if (!autoEoi)
			isr |= bit;
		else if (rotateOnAutoEoi)
			priorityAdd = input + 1 & 7;
	}

	int read(int offset) {
		if (poll) {
			poll = false;
			int input = next();
			if (input == NONE)
				return 0;
			serve(input);
			return POLLED | input;
		}
		if ((offset & 1) != 0)
			return imr;
		return readIsr ? isr : irr;
	}

	void write(int offset, int value) {
		if ((offset & 1) != 0)
			second(value);
		else if ((value & ICW1) != 0)
			first(value);
		else if ((value & OCW3) != 0)
			third(value);
		else
			command(value >>> 5, value & 7);
	}

	private void first(int value) {
		init4 = (value & ICW1_IC4) != 0;
		if (!init4) {
			specialFullyNested = false;
			autoEoi = false;
		}
		poll = false;
		initialize();
	}

	private void second(int value) {
		switch (initState) {
			case ICW2 -> {
				irqBase = value & 0xf8;
				initState = ICW3;
			}
			case ICW3 -> initState = init4 ? ICW4 : DONE; // which input has the other is how they are wired
			case ICW4 -> {
				specialFullyNested = (value & 0x10) != 0;
				autoEoi = (value & 2) != 0;
				initState = DONE;
			}
			default -> imr = value;
		}
	}

	private void third(int value) {
		if ((value & OCW3_POLL) != 0)
			poll = true;
		if ((value & OCW3_READ) != 0)
			readIsr = (value & OCW3_ISR) != 0;
		if ((value & OCW3_MASK_SET) != 0)
			specialMask = (value & OCW3_MASK) != 0;
	}

	/** OCW2. Bit 0 is EOI, bit 1 names an input, bit 2 rotates. */
	private void command(int command, int named) {
		switch (command) {
			case 0, 4 -> rotateOnAutoEoi = command == 4;
			case 1, 5 -> {
				int highest = priority(specialMask ? isr & ~imr : isr);
				if (highest != INPUTS)
					endOfInterrupt(input(highest), command == 5);
			}
			case 3, 7 -> endOfInterrupt(named, command == 7);
			case 6 -> priorityAdd = named + 1 & 7;
			default -> {
				// 2 is no operation
			}
		}
	}

	private void endOfInterrupt(int input, boolean rotate) {
		isr &= ~(1 << input);
		if (rotate)
			priorityAdd = input + 1 & 7;
	}

	int elcr() {
		return elcr;
	}

	/** Inputs that become triggered by level request what their level says. */
	void elcr(int value) {
		int changed = (value & elcrMask) & ~elcr;
		elcr = value & elcrMask;
		irr = irr & ~changed | lastIrr & changed;
	}

	void exchange(String name, Fields fields) throws DeviceException {
		state(new ChipState.Pic(fields.octet(name + ".lastIrr", lastIrr), fields.octet(name + ".irr", irr),
				fields.octet(name + ".imr", imr), fields.octet(name + ".isr", isr),
				fields.number(name + ".priorityAdd", priorityAdd, 7), fields.octet(name + ".irqBase", irqBase),
				fields.flag(name + ".readIsr", readIsr), fields.flag(name + ".poll", poll),
				fields.flag(name + ".specialMask", specialMask), fields.number(name + ".initState", initState, ICW4),
				fields.flag(name + ".autoEoi", autoEoi), fields.flag(name + ".rotateOnAutoEoi", rotateOnAutoEoi),
				fields.flag(name + ".specialFullyNested", specialFullyNested), fields.flag(name + ".init4", init4),
				fields.octet(name + ".elcr", elcr), elcrMask));
	}

	ChipState.Pic state() {
		return new ChipState.Pic(lastIrr, irr, imr, isr, priorityAdd, irqBase, readIsr, poll, specialMask, initState,
				autoEoi, rotateOnAutoEoi, specialFullyNested, init4, elcr, elcrMask);
	}

	void state(ChipState.Pic state) {
		lastIrr = state.lastIrr() & 0xff;
		irr = state.irr() & 0xff;
		imr = state.imr() & 0xff;
		isr = state.isr() & 0xff;
		priorityAdd = state.priorityAdd() & 7;
		irqBase = state.irqBase() & 0xf8;
		readIsr = state.readIsr();
		poll = state.poll();
		specialMask = state.specialMask();
		initState = state.initState() & 3;
		autoEoi = state.autoEoi();
		rotateOnAutoEoi = state.rotateOnAutoEoi();
		specialFullyNested = state.specialFullyNested();
		init4 = state.init4();
		elcr = state.elcr() & elcrMask;
	}
}
