/*
 * The peer of ExitRoundTrip: the least that runs the same guest on the same KVM, without Java.
 *
 *	exitloop [-r] IMAGE COMMANDLINE ADDRESS FIRST LAST
 *
 * Enters the flat image as docs/boot.md says, in a VM with 64 MiB of RAM and KVM's interrupt controllers, as VMHI has
 * them. Counts writes to ADDRESS, a port below 64 KiB or else a GPA, and notes the time at number FIRST and LAST.
 * Prints, in nanoseconds: from the opening of /dev/kvm to FIRST; from FIRST to LAST by the clock; the same in CPU time
 * of this thread. -r has KVM hand over the general registers with each exit, as VMHI needs them for hypercalls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define RAM_SIZE (64UL << 20)
#define EXIT_PORT 0xf4

/* where VMHI's core puts what a flat image finds */
enum { GDT = 0x500, START_INFO = 0x6000, STACK = 0x8ff0, PML4 = 0x9000, PDPT = 0xa000, DIRECTORIES = 0xb000,
	COMMAND_LINE = 0x20000, IMAGE = 0x100000 };

static unsigned char *ram;

static long check(long result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "exitloop: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return result;
}

#define CALL(fd, request, argument) check(ioctl(fd, request, argument), #request)

static long now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void put(uint64_t gpa, uint64_t value)
{
	memcpy(ram + gpa, &value, sizeof value);
}

static void load(const char *image, const char *command_line)
{
	static const uint64_t gdt[] = { 0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00008b0000000067, 0 };
	FILE *file = fopen(image, "rb");
	if (!file || fread(ram + IMAGE, 1, 1 << 19, file) == 0)
		check(-1, image);
	fclose(file);
	strcpy((char *)ram + COMMAND_LINE, command_line);
	memcpy(ram + GDT, gdt, sizeof gdt);
	put(START_INFO, 0x336ec578 | 1UL << 32);
	put(START_INFO + 24, COMMAND_LINE);
	put(PML4, PDPT | 3);
	for (uint64_t gib = 0; gib < 4; gib++) {
		put(PDPT + 8 * gib, (DIRECTORIES + 0x1000 * gib) | 3);
		for (uint64_t page = 0; page < 512; page++)
			put(DIRECTORIES + 0x1000 * gib + 8 * page, gib << 30 | page << 21 | 0x83);
	}
}

static void enter(int vcpu)
{
	struct kvm_sregs s;
	struct kvm_segment data = { .limit = -1, .selector = 0x18, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1 };
	struct kvm_regs r = { .rip = IMAGE, .rflags = 2, .rsp = STACK, .rbp = STACK, .rbx = START_INFO };
	CALL(vcpu, KVM_GET_SREGS, &s);
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cs = data;
	s.cs.selector = 0x10;
	s.cs.type = 0xb;
	s.cs.db = 0;
	s.cs.l = 1;
	s.tr = (struct kvm_segment) { .limit = 0x67, .selector = 0x20, .type = 0xb, .present = 1 };
	s.gdt = (struct kvm_dtable) { .base = GDT, .limit = 47 };
	s.cr0 = 0x80000011;
	s.cr3 = PML4;
	s.cr4 = 0x20;
	s.efer = 0x500;
	CALL(vcpu, KVM_SET_SREGS, &s);
	CALL(vcpu, KVM_SET_REGS, &r);
}

static void cpuid(int kvm, int vcpu)
{
	int most = 512;
	struct kvm_cpuid2 *table = calloc(1, sizeof *table + most * sizeof table->entries[0]);
	table->nent = most;
	CALL(kvm, KVM_GET_SUPPORTED_CPUID, table);
	CALL(vcpu, KVM_SET_CPUID2, table);
	free(table);
}

int main(int argc, char **argv)
{
	int registers = argc > 1 && strcmp(argv[1], "-r") == 0;
	if (argc - registers != 6) {
		fprintf(stderr, "exitloop [-r] IMAGE COMMANDLINE ADDRESS FIRST LAST\n");
		return 2;
	}
	argv += registers;
	uint64_t address = strtoull(argv[3], NULL, 0), count = 0, first = strtoull(argv[4], NULL, 0),
			last = strtoull(argv[5], NULL, 0);

	long opened = now(CLOCK_MONOTONIC), began = 0, began_cpu = 0;
	int kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	int vm = CALL(kvm, KVM_CREATE_VM, 0);
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(ram == MAP_FAILED ? -1 : 0, "mmap");
	struct kvm_userspace_memory_region region = { .memory_size = RAM_SIZE, .userspace_addr = (uint64_t)ram };
	CALL(vm, KVM_SET_USER_MEMORY_REGION, &region);
	uint64_t identity_map = 0xfffbc000;
	CALL(vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	CALL(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	CALL(vm, KVM_CREATE_IRQCHIP, 0);
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	CALL(vm, KVM_CREATE_PIT2, &pit);
	int vcpu = CALL(vm, KVM_CREATE_VCPU, 0);
	cpuid(kvm, vcpu);
	load(argv[1], argv[2]);
	enter(vcpu);
	struct kvm_run *run = mmap(NULL, CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	check(run == MAP_FAILED ? -1 : 0, "mmap of kvm_run");
	if (registers)
		run->kvm_valid_regs = KVM_SYNC_X86_REGS;

	for (;;) {
		CALL(vcpu, KVM_RUN, 0);
		uint64_t at;
		int write;
		switch (run->exit_reason) {
		case KVM_EXIT_IO:
			at = run->io.port;
			write = run->io.direction == KVM_EXIT_IO_OUT;
			if (!write)
				memset((char *)run + run->io.data_offset, 0xff, run->io.size);
			else if (at == EXIT_PORT)
				return *((char *)run + run->io.data_offset);
			break;
		case KVM_EXIT_MMIO:
			at = run->mmio.phys_addr;
			write = run->mmio.is_write;
			if (!write)
				memset(run->mmio.data, 0xff, run->mmio.len);
			break;
		default:
			fprintf(stderr, "exitloop: the guest stopped for reason %d\n", run->exit_reason);
			return 1;
		}
		if (!write || at != address)
			continue;
		if (++count == first) {
			began = now(CLOCK_MONOTONIC);
			began_cpu = now(CLOCK_THREAD_CPUTIME_ID);
		}
		if (count == last)
			printf("%ld %ld %ld\n", began - opened, now(CLOCK_MONOTONIC) - began,
					now(CLOCK_THREAD_CPUTIME_ID) - began_cpu);
	}
}
