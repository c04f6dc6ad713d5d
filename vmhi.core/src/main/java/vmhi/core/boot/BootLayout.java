package vmhi.core.boot;

/** Where boot structures lie in the first 640 KiB; the same for every protocol. Addresses are GPAs. */
final class BootLayout {
	/** What a PC's firmware leaves there: its interrupt vectors and two words of its data area. */
	static final long VECTORS = 0, EBDA_SEGMENT = 0x40e, BASE_KIB = 0x413;
	static final long GDT = 0x500;
	/** What there is of firmware for real mode; its last byte is an IRET, to which all other vectors point. */
	static final long VIDEO_SERVICE = 0x5e0;
	static final long START_INFO = 0x6000;
	static final long MODULE_LIST = 0x6040;
	static final long MEMORY_MAP = 0x6100;
	static final long ZERO_PAGE = 0x7000;
	static final long STACK_TOP = 0x8ff0;
	static final long PML4 = 0x9000;
	static final long PDPT = 0xa000;
	/** Four page directories, a GiB each. */
	static final long PAGE_DIRECTORIES = 0xb000;
	/** The setup part of a kernel that is entered in real mode; code, data and stack in one segment. */
	static final long SETUP = 0x10000;
	static final int SETUP_STACK = 0xe000;
	static final long COMMAND_LINE = 0x20000;
	/** Room for the command line with its NUL. */
	static final int COMMAND_LINE_SIZE = 2048;
	/** The EBDA and ROM area: from here to 1 MiB nothing is free. */
	static final long LOW_END = 0x9fc00;
	static final long HIGH_START = 0x100000;

	private BootLayout() {}
}
