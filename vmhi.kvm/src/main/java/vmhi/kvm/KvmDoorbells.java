package vmhi.kvm;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.sun.jna.LastErrorException;

import vmhi.api.cpu.CpuException;
import vmhi.api.cpu.CpuException.Kind;
import vmhi.api.cpu.Doorbells;

/**
 * Writes of a guest that KVM turns into a count in an eventfd, and the thread that waits for these and rings.
 * <p>
 * Doorbells are made and closed from any thread. The thread starts with the first of them. A doorbell rings while its
 * monitor is held, and is closed while its monitor is held: so a ring that is under way is waited for, and whoever
 * closes a doorbell holds nothing that ringing needs. What was written before a doorbell is closed has rung when
 * {@code close} returns, on the closing thread if need be, so that no write is lost when a machine moves to another
 * backend.
 */
final class KvmDoorbells implements Doorbells, AutoCloseable {
	// struct kvm_ioeventfd
	static final int DATAMATCH = 0; // u64
	static final int ADDR = 8; // u64
	static final int LEN = 16; // u32
	static final int FD = 20; // s32
	static final int FLAGS = 24; // u32
	static final int IOEVENTFD_SIZE = 64;

	static final int FLAG_DATAMATCH = 1;
	static final int FLAG_PIO = 2;
	static final int FLAG_DEASSIGN = 4;

	// struct epoll_event, packed on x86-64
	static final int EVENTS = 0; // u32
	static final int EVENT_DATA = 4; // u64, the eventfd
	static final int EVENT_SIZE = 12;

	private static final int MOST_EVENTS = 16;

	private final Logger log = LoggerFactory.getLogger(KvmDoorbells.class);
	private final KvmVm vm;
	private final Map<Integer, Bell> bells = new ConcurrentHashMap<>(); // by their eventfd

	// guarded by this object's monitor, but not any more once the thread runs
	private int epoll;
	private int end; // an eventfd, counts when the thread is to end
	private Thread thread;
	private boolean closed;

	KvmDoorbells(KvmVm vm) {
		this.vm = vm;
	}

	@Override
	public synchronized AutoCloseable doorbell(boolean port, long address, int size, boolean matched, long match,
			Runnable ring) throws CpuException {
		if (closed)
			throw new CpuException(Kind.HOST, "the processor is closed");
		String name = "doorbell at %s %#x".formatted(port ? "port" : "GPA", address);
		try {
			if (thread == null)
				start();
			int flags = (matched ? FLAG_DATAMATCH : 0) | (port ? FLAG_PIO : 0);
			ByteBuffer request = Kvm.buffer(IOEVENTFD_SIZE).putLong(DATAMATCH, match).putLong(ADDR, address)
					.putInt(LEN, size).putInt(FLAGS, flags);
			Bell bell = new Bell(name, Kvm.eventfd(0, Kvm.EFD_CLOEXEC | Kvm.EFD_NONBLOCK), ring, request);
			bell.open();
			return bell;
		} catch (LastErrorException e) {
			throw new CpuException(Kind.HOST, "%s of %s: %s".formatted(name, vm.machine, e.getMessage()), e);
		}
	}

	/** Closes the doorbells that are left. A second call does nothing. */
	@Override
	public void close() {
		synchronized (this) {
			closed = true;
			if (thread == null)
				return;
		}
		for (Bell bell : bells.values())
			bell.close();
		Kvm.write(end, Kvm.buffer(Long.BYTES).putLong(0, 1), Long.BYTES);
		await();
		Kvm.close(end);
		Kvm.close(epoll);
		thread = null;
	}

	private void start() {
		epoll = Kvm.epoll_create1(Kvm.EPOLL_CLOEXEC);
		end = -1;
		try {
			end = Kvm.eventfd(0, Kvm.EFD_CLOEXEC);
			watch(end);
		} catch (LastErrorException e) {
			if (end >= 0)
				Kvm.close(end);
			Kvm.close(epoll);
			throw e;
		}
		thread = new Thread(this::listen, "doorbells of " + vm.machine);
		thread.setDaemon(true);
		thread.start();
	}

	private void watch(int fd) {
		ByteBuffer event = Kvm.buffer(EVENT_SIZE).putInt(EVENTS, Kvm.EPOLLIN).putLong(EVENT_DATA, fd);
		Kvm.epoll_ctl(epoll, Kvm.EPOLL_CTL_ADD, fd, event);
	}

	private void listen() {
		ByteBuffer events = Kvm.buffer(MOST_EVENTS * EVENT_SIZE);
		for (;;) {
			int count = Kvm.epoll_wait(epoll, events, MOST_EVENTS, -1); // less than 0 for a signal
			for (int i = 0; i < count; i++) {
				int fd = events.getInt(EVENT_SIZE * i + EVENT_DATA);
				if (fd == end)
					return;
				Bell bell = bells.get(fd);
				if (bell != null) // else it was closed meanwhile
					bell.ring();
			}
		}
	}

	private void await() {
		boolean interrupted = false;
		for (;;) {
			try {
				thread.join();
				break;
			} catch (InterruptedException e) {
				interrupted = true;
			}
		}
		if (interrupted)
			Thread.currentThread().interrupt();
	}

	/** One address. The eventfd may be another's by the time the thread hears of it; then there is nothing to read. */
	private final class Bell implements AutoCloseable {
		private final String name;
		private final int eventfd;
		private final Runnable ring;
		private final ByteBuffer request;
		private final ByteBuffer count = Kvm.buffer(Long.BYTES);
		private boolean closed;

		Bell(String name, int eventfd, Runnable ring, ByteBuffer request) {
			this.name = name;
			this.eventfd = eventfd;
			this.ring = ring;
			this.request = request.putInt(FD, eventfd);
		}

		void open() throws CpuException {
			bells.put(eventfd, this);
			try {
				vm.fd.call(KvmRequest.IOEVENTFD, request);
				watch(eventfd);
			} catch (CpuException e) {
				close();
				throw new CpuException(e.kind(), "%s of %s".formatted(name, e.getMessage()), e);
			} catch (LastErrorException e) {
				close();
				throw e;
			}
		}

		synchronized void ring() {
			if (closed || Kvm.read(eventfd, count, Long.BYTES) != Long.BYTES)
				return;
			try {
				ring.run();
			} catch (RuntimeException | LinkageError e) {
				log.error("{} of {} failed", name, vm.machine, e);
			}
		}

		@Override
		public synchronized void close() {
			if (closed)
				return;
			Kvm.request(vm.fd.number, KvmRequest.IOEVENTFD,
					request.putInt(FLAGS, request.getInt(FLAGS) | FLAG_DEASSIGN));
			ring();
			closed = true;
			bells.remove(eventfd);
			Kvm.close(eventfd); // epoll lets go of it by itself
		}
	}
}
