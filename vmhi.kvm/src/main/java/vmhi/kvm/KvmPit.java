package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import vmhi.api.cpu.ChipState.Channel;
import vmhi.api.cpu.ChipState.Pit;

/**
 * {@code struct kvm_pit_state2}, asm/kvm.h: the timer.
 * <p>
 * KVM tells when a count was loaded by the kernel's monotonic clock, which is the one that {@link System#nanoTime}
 * reads on Linux. It can't be told: a count that is put in starts anew, so a period that was under way is lengthened.
 */
final class KvmPit {
	static final int CHANNELS = 0; // struct kvm_pit_channel_state[3]
	static final int FLAGS = 72; // u32
	static final int SIZE = 112;

	static final int COUNT_OF_CHANNELS = 3;
	static final int FLAG_SPEAKER_DATA_ON = 2;

	// struct kvm_pit_channel_state
	static final int COUNT = 0; // u32
	static final int LATCHED_COUNT = 4; // u16
	static final int COUNT_LATCHED = 6; // u8, as those that follow
	static final int STATUS_LATCHED = 7;
	static final int STATUS = 8;
	static final int READ_STATE = 9;
	static final int WRITE_STATE = 10;
	static final int WRITE_LATCH = 11;
	static final int RW_MODE = 12;
	static final int MODE = 13;
	static final int BCD = 14;
	static final int GATE = 15;
	static final int COUNT_LOAD_TIME = 16; // s64, nanoseconds
	static final int CHANNEL_SIZE = 24;

	// struct kvm_pit_config
	static final int CONFIG_FLAGS = 0; // u32
	static final int CONFIG_SIZE = 64;
	static final int CONFIG_SPEAKER_DUMMY = 1; // answers at port 0x61, too

	// of the contract, as in port 0x61
	private static final int SPEAKER_GATE = 1, SPEAKER_DATA = 2;

	private KvmPit() {}

	/** @param now by the monotonic clock */
	static Pit read(ByteBuffer in, long now) {
		List<Channel> channels = new ArrayList<>();
		for (int i = 0; i < COUNT_OF_CHANNELS; i++)
			channels.add(channel(in, CHANNELS + CHANNEL_SIZE * i, now));
		int gate = channels.get(2).gate() ? SPEAKER_GATE : 0;
		int data = (in.getInt(FLAGS) & FLAG_SPEAKER_DATA_ON) != 0 ? SPEAKER_DATA : 0;
		return new Pit(channels, gate | data);
	}

	/** @param pit of three channels */
	static ByteBuffer write(Pit pit, long now) {
		ByteBuffer out = Kvm.buffer(SIZE);
		for (int i = 0; i < COUNT_OF_CHANNELS; i++)
			channel(out, CHANNELS + CHANNEL_SIZE * i, pit.channels().get(i), now);
		return out.putInt(FLAGS, (pit.speaker() & SPEAKER_DATA) != 0 ? FLAG_SPEAKER_DATA_ON : 0);
	}

	private static Channel channel(ByteBuffer in, int at, long now) {
		return new Channel(in.getInt(at + COUNT), Short.toUnsignedInt(in.getShort(at + LATCHED_COUNT)),
				u8(in, at + COUNT_LATCHED), in.get(at + STATUS_LATCHED) != 0, u8(in, at + STATUS),
				u8(in, at + READ_STATE), u8(in, at + WRITE_STATE), u8(in, at + WRITE_LATCH), u8(in, at + RW_MODE),
				u8(in, at + MODE), in.get(at + BCD) != 0, in.get(at + GATE) != 0,
				now - in.getLong(at + COUNT_LOAD_TIME));
	}

	private static void channel(ByteBuffer out, int at, Channel c, long now) {
		out.putInt(at + COUNT, c.count()).putShort(at + LATCHED_COUNT, (short) c.latchedCount());
		u8(out, at + COUNT_LATCHED, c.countLatched());
		u8(out, at + STATUS_LATCHED, c.statusLatched() ? 1 : 0);
		u8(out, at + STATUS, c.status());
		u8(out, at + READ_STATE, c.readState());
		u8(out, at + WRITE_STATE, c.writeState());
		u8(out, at + WRITE_LATCH, c.writeLatch());
		u8(out, at + RW_MODE, c.accessMode());
		u8(out, at + MODE, c.mode());
		u8(out, at + BCD, c.bcd() ? 1 : 0);
		u8(out, at + GATE, c.gate() ? 1 : 0);
		out.putLong(at + COUNT_LOAD_TIME, now - c.elapsed());
	}

	private static int u8(ByteBuffer in, int at) {
		return in.get(at) & 0xff;
	}

	private static void u8(ByteBuffer out, int at, int value) {
		out.put(at, (byte) value);
	}
}
