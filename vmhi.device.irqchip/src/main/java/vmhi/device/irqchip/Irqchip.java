package vmhi.device.irqchip;

import static vmhi.api.device.DeviceException.Kind.SETTINGS;
import static vmhi.api.device.DeviceException.Kind.STATE;

import vmhi.api.cpu.ChipState;
import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.InterruptSource;
import vmhi.api.cpu.InterruptibleVcpu;
import vmhi.api.cpu.MsrRange;
import vmhi.api.cpu.VcpuContext;
import vmhi.api.device.Board;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;
import vmhi.api.device.InterruptDevice;
import vmhi.api.device.IoHandler;
import vmhi.api.device.MsrHandler;
import vmhi.api.device.Stateful;

/**
 * The {@link Chipset} on a board.
 * <p>
 * vCPUs, devices and the clock call at any time; the lock of this object has one of them in the chips at a time, briefly.
 * vCPUs are told what came for them after the lock was left ({@link ApicBus#signal}); the clock's timers are set within.
 */
final class Irqchip implements InterruptDevice, Stateful {
	static final String KIND = "irqchip";

	private static final int STATE_VERSION = 1;
	private static final MsrRange DEADLINE = new MsrRange(0x6e0, 1);
	private static final MsrRange X2APIC = new MsrRange(0x800, 0x40);
	private static final int MESSAGES = 0xfee; // the highest 12 bits of 32

	private Chipset chips; // null while the device is on no board

	@Override
	public void attach(Board board) throws DeviceException {
		if (board.vcpus() > ApicBus.MOST)
			throw new DeviceException(SETTINGS,
					"local APICs are for %d vCPUs at most, not %d".formatted(ApicBus.MOST, board.vcpus()));
		Chipset made = new Chipset(board.clock(), board.vcpus(), this::alarm);
		board.claimPorts(0x20, 2, handler(made, made.pics.commands(made.pics.primary())));
		board.claimPorts(0xa0, 2, handler(made, made.pics.commands(made.pics.secondary())));
		board.claimPorts(0x4d0, 2, handler(made, made.pics.triggers()));
		board.claimPorts(0x40, 4, handler(made, made.pit.counters()));
		board.claimPorts(0x61, 1, handler(made, made.pit.port()));
		board.claimMmio(IoApic.BASE, IoApic.SIZE, handler(made, made.ioApic));
		board.claimMmio(LocalApic.BASE, LocalApic.SIZE, handler(made, new ApicPages(made.bus)));
		board.claimMsrs(X2APIC, new X2ApicMsrs(made));
		board.claimMsrs(DEADLINE, new DeadlineMsr(made));
		synchronized (this) {
			made.reset();
			chips = made;
		}
	}

	/** An alarm of one of the chips has gone off. */
	private void alarm(Runnable action) {
		Chipset now;
		synchronized (this) {
			now = chips;
			if (now == null)
				return;
			action.run();
		}
		now.bus.signal();
	}

	@Override
	public InterruptSource localApic(int index, InterruptibleVcpu vcpu) {
		LocalApic apic;
		synchronized (this) {
			apic = chips.bus.apic(index);
			apic.connect(vcpu);
		}
		apic.signals().tell();
		return new Source(apic);
	}

	@Override
	public void line(int gsi, boolean asserted) {
		Chipset now;
		synchronized (this) {
			now = chips;
			if (now == null)
				return;
			now.line(gsi, asserted);
		}
		now.bus.signal();
	}

	/** SDM volume 3, 10.11. The redirection hint asks for the lowest priority. */
	@Override
	public void message(long address, int data) {
		if (address >>> 20 != MESSAGES)
			return; // a guest's mistake: it is no address of a local APIC
		int mode = Delivery.of(data);
		boolean level = (data & 1 << 15) != 0 && Delivery.hasVector(mode);
		if (mode == Delivery.STARTUP || level && (data & 1 << 14) == 0)
			return; // reserved; and the de-assert of a level
		boolean hint = (address & 1 << 3) != 0;
		Chipset now;
		synchronized (this) {
			now = chips;
			if (now == null)
				return;
			now.bus.send((int) (address >>> 12) & 0xff, (address & 1 << 2) != 0, false,
					hint && mode == Delivery.FIXED ? Delivery.LOWEST_PRIORITY : mode, data & 0xff, level);
		}
		now.bus.signal();
	}

	@Override
	public synchronized void reset() {
		chips.reset();
	}

	@Override
	public synchronized ChipState saveChips() {
		chips.pit.catchUp();
		return chips.state();
	}

	@Override
	public void restoreChips(ChipState state) throws CpuException {
		ChipStates.check(state);
		Chipset now;
		synchronized (this) {
			now = chips;
			now.state(state);
		}
		now.bus.signal();
	}

	@Override
	public synchronized DeviceState save() throws DeviceException {
		chips.pit.catchUp();
		for (int i = 0; i < chips.bus.count(); i++)
			chips.bus.apic(i).catchUp();
		Fields.Saver fields = new Fields.Saver();
		chips.exchange(fields);
		return fields.state(KIND, STATE_VERSION);
	}

	@Override
	public void restore(DeviceState state) throws DeviceException {
		if (!state.kind().equals(KIND))
			throw new DeviceException(STATE, "the state is of kind " + state.kind() + ", not " + KIND);
		Chipset now;
		synchronized (this) {
			now = chips;
			now.exchange(new Fields.Loader(state));
		}
		now.bus.signal();
	}

	@Override
	public synchronized void close() {
		if (chips == null)
			return;
		chips.cancel();
		chips = null;
	}

	private IoHandler handler(Chipset owner, Registers registers) {
		return new IoHandler() {
			@Override
			public long read(VcpuContext vcpu, long offset, int size) {
				long value;
				synchronized (Irqchip.this) {
					owner.pit.catchUp();
					value = registers.read(vcpu.index(), (int) offset, size);
				}
				owner.bus.signal();
				return value;
			}

			@Override
			public void write(VcpuContext vcpu, long offset, int size, long value) {
				synchronized (Irqchip.this) {
					owner.pit.catchUp();
					registers.write(vcpu.index(), (int) offset, size, value);
				}
				owner.bus.signal();
			}
		};
	}

	/** Each vCPU has its own local APIC at the address. */
	private record ApicPages(ApicBus bus) implements Registers {

		@Override
		public long read(int vcpu, int offset, int size) {
			return bus.apic(vcpu).load(offset, size);
		}

		@Override
		public void write(int vcpu, int offset, int size, long value) {
			bus.apic(vcpu).store(offset, size, value);
		}
	}

	private final class X2ApicMsrs implements MsrHandler {
		private final Chipset owner;

		X2ApicMsrs(Chipset owner) {
			this.owner = owner;
		}

		@Override
		public boolean read(VcpuContext vcpu, int index) {
			boolean known;
			synchronized (Irqchip.this) {
				owner.pit.catchUp();
				known = owner.bus.apic(vcpu.index()).readMsr(index - X2APIC.first(), vcpu);
			}
			owner.bus.signal();
			return known;
		}

		@Override
		public boolean write(VcpuContext vcpu, int index, long value) {
			boolean taken;
			synchronized (Irqchip.this) {
				owner.pit.catchUp();
				taken = owner.bus.apic(vcpu.index()).writeMsr(index - X2APIC.first(), value);
			}
			owner.bus.signal();
			return taken;
		}
	}

	private final class DeadlineMsr implements MsrHandler {
		private final Chipset owner;

		DeadlineMsr(Chipset owner) {
			this.owner = owner;
		}

		@Override
		public boolean read(VcpuContext vcpu, int index) {
			boolean known;
			synchronized (Irqchip.this) {
				known = owner.bus.apic(vcpu.index()).readDeadline(vcpu);
			}
			owner.bus.signal();
			return known;
		}

		@Override
		public boolean write(VcpuContext vcpu, int index, long value) {
			boolean taken;
			synchronized (Irqchip.this) {
				taken = owner.bus.apic(vcpu.index()).writeDeadline(value);
			}
			owner.bus.signal();
			return taken;
		}
	}

	/**
	 * A local APIC as its vCPU has it. The vCPU may call this with locks of its own that others want when they tell it
	 * something: so reads take no lock, and what comes of a write is told to this vCPU alone.
	 */
	private final class Source implements InterruptSource {
		private final LocalApic apic;

		Source(LocalApic apic) {
			this.apic = apic;
		}

		@Override
		public boolean pending() {
			return apic.pending();
		}

		@Override
		public int accept() {
			int vector;
			Chipset now;
			synchronized (Irqchip.this) {
				vector = apic.accept();
				now = chips;
			}
			if (now != null)
				now.bus.signal();
			return vector;
		}

		@Override
		public int taskPriority() {
			return apic.taskPriority();
		}

		@Override
		public void taskPriority(int value) {
			if (value == apic.taskPriority())
				return;
			synchronized (Irqchip.this) {
				apic.taskPriority(value);
			}
			apic.signals().tell();
		}

		@Override
		public long apicBase() {
			return apic.base();
		}

		@Override
		public boolean apicBase(long value) {
			if (value == apic.base())
				return true;
			boolean taken;
			synchronized (Irqchip.this) {
				taken = apic.base(value);
			}
			apic.signals().tell();
			return taken;
		}
	}
}
