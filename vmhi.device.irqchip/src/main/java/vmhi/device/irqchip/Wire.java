package vmhi.device.irqchip;

/** One signal from chip to chip. */
@FunctionalInterface
interface Wire {

	/** Tells its level; also if that is what it was. */
	void set(boolean level);
}
