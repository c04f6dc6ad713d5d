package vmhi.device.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import vmhi.api.cpu.CpuException;
import vmhi.api.device.DeviceException;
import vmhi.api.device.DeviceState;

/** Guests that write anything anywhere, on several vCPUs, in all modes. */
class HostileGuestTest {
	private static final int[] PORTS = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x40, 0x41, 0x42, 0x43, 0x61 };
	private static final int VCPUS = 3;

	/** Does anything. Gives a number for what was seen. */
	private static long step(Rig rig, Random chance) {
		int vcpu = chance.nextInt(VCPUS);
		long value = switch (chance.nextInt(4)) {
			case 0 -> chance.nextInt(256);
			case 1 -> 1L << chance.nextInt(64);
			case 2 -> chance.nextInt(256) | (long) chance.nextInt(8) << 8 | (long) chance.nextInt(32) << 14;
			default -> chance.nextLong();
		};
		switch (chance.nextInt(12)) {
			case 0 -> rig.apic(vcpu, chance.nextInt(0x40) << 4, (int) value);
			case 1 -> rig.board.writeMsr(rig.vcpus[vcpu].context, 0x800 + chance.nextInt(0x40), value);
			case 2 -> rig.pin(chance.nextInt(24), chance.nextInt(256), (int) value);
			case 3 -> rig.device.line(chance.nextInt(26), chance.nextBoolean());
			case 4 -> rig.device.message(0xfee0_0000L | value & 0xf_fffc, chance.nextInt(1 << 16));
			case 5 -> rig.out(PORTS[chance.nextInt(PORTS.length)], (int) value & 0xff);
			case 6 -> {
				return rig.in(PORTS[chance.nextInt(PORTS.length)]);
			}
			case 7 -> {
				return rig.apic(vcpu, chance.nextInt(0x40) << 4);
			}
			case 8 -> rig.sources[vcpu].taskPriority(chance.nextInt(16));
			case 9 -> {
				if (chance.nextInt(20) == 0)
					rig.sources[vcpu].apicBase(LocalApic.BASE | value & 0xfff);
				else
					rig.msr(vcpu, Rig.DEADLINE_MSR, rig.vcpus[vcpu].timeStamp() + chance.nextInt(1 << 24));
			}
			case 10 -> rig.board.clock().advance(1L << chance.nextInt(22));
			default -> {
				int vector = rig.accept(vcpu);
				assertTrue(vector >= -1 && vector < 256);
				if (chance.nextInt(3) > 0)
					rig.apic(vcpu, Rig.EOI, 0);
				return vector;
			}
		}
		return 0;
	}

	@Test
	void getsAnswers() throws DeviceException {
		for (int seed = 0; seed < 100; seed++)
			try (Rig rig = new Rig(VCPUS)) {
				Random chance = new Random(seed);
				for (int i = 0; i < 3_000; i++)
					step(rig, chance);
			}
	}

	@Test
	void goesOnAlikeWhenTheDeviceIsExchanged() throws DeviceException {
		for (int seed = 0; seed < 100; seed++)
			try (Rig rig = new Rig(VCPUS)) {
				Random before = new Random(seed);
				for (int i = 0; i < 50 + 20 * seed; i++)
					step(rig, before);
				try (Rig next = rig.copy()) {
					Random onOld = new Random(1000 + seed);
					Random onNext = new Random(1000 + seed);
					for (int i = 0; i < 300; i++)
						assertEquals(step(rig, onOld), step(next, onNext), "seed " + seed + ", step " + i);
				}
			}
	}

	@Test
	void spoiltStatesBreakNothing() throws DeviceException {
		Random chance = new Random(7);
		for (int round = 0; round < 500; round++)
			try (Rig rig = new Rig(VCPUS); Rig next = new Rig(VCPUS)) {
				for (int i = 0; i < 100; i++)
					step(rig, chance);
				Map<String, Object> fields = new HashMap<>(rig.device.save().fields());
				List<String> names = new ArrayList<>(fields.keySet());
				for (int i = 0; i < 3; i++)
					fields.compute(names.get(chance.nextInt(names.size())), (name, value) -> spoilt(value, chance));
				try {
					next.device.restore(new DeviceState(Irqchip.KIND, 1, fields));
				} catch (DeviceException refusal) {
					assertEquals(DeviceException.Kind.STATE, refusal.kind());
					continue;
				}
				for (int i = 0; i < 300; i++)
					step(next, chance);
			}
	}

	private static Object spoilt(Object value, Random chance) {
		if (value instanceof Long number)
			return switch (chance.nextInt(4)) {
				case 0 -> number ^ 1L << chance.nextInt(63);
				case 1 -> (long) chance.nextInt(0x1_0001);
				case 2 -> 1L << chance.nextInt(62);
				default -> (long) chance.nextInt(8);
			};
		if (value instanceof byte[] bytes) {
			byte[] other = bytes.clone();
			chance.nextBytes(other);
			return other;
		}
		return value instanceof Boolean flag ? !flag : value;
	}

	@Test
	void severalVcpusDevicesAndTheClockMayMeet() throws Exception {
		try (Rig rig = new Rig(VCPUS)) {
			ExecutorService threads = Executors.newFixedThreadPool(4);
			List<Future<?>> all = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				Random chance = new Random(i);
				all.add(threads.submit(() -> {
					for (int step = 0; step < 20_000; step++)
						step(rig, chance);
				}));
			}
			threads.shutdown();
			for (Future<?> each : all)
				each.get(60, TimeUnit.SECONDS);
		}
	}

	@Test
	void chipsInAnyStateGoToAnotherDevice() throws DeviceException, CpuException {
		for (int seed = 0; seed < 50; seed++)
			try (Rig rig = new Rig(VCPUS); Rig next = new Rig(VCPUS)) {
				Random chance = new Random(seed);
				for (int i = 0; i < 500; i++)
					step(rig, chance);
				next.device.restoreChips(rig.device.saveChips());
				for (int i = 0; i < 500; i++)
					step(next, chance);
			}
	}
}
