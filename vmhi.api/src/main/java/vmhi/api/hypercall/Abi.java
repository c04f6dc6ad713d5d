package vmhi.api.hypercall;

/**
 * The numbers of the VMHI hypercall ABI 1.0 that guests and hosts share; {@code docs/hypercall-abi.md} is its text.
 * <p>
 * A call is {@code out imm8, eax} to {@link #PORT} at CPL 0. EAX holds {@code owner << 16 | function}. In 64-bit code the
 * arguments are RDI RSI RDX R10 R8, the status comes back in RAX, sign-extended, and values in RDX and R10. In 32-bit
 * code the arguments are EBX ECX EDX ESI EDI, the status EAX, values EDX and ECX. All other registers are preserved.
 */
public final class Abi {

	/** Version of this contract. */
	public static final String CONTRACT = "1.0.0";

	/** Version of the ABI, {@code major << 16 | minor}. */
	public static final int VERSION = 1 << 16;

	/** The port of synchronous calls, by default. */
	public static final int PORT = 0xe4;

	/** "VMHI" in EBX, ECX and EDX of the first hypervisor leaf, at 0x4000_0000 or a multiple of 0x100 above it. */
	public static final int SIGNATURE = 0x49484d56;

	/** Owner of the core range. */
	public static final int OWNER_CORE = 0;

	/** Owner of the console and log range. */
	public static final int OWNER_CONSOLE = 1;

	/** First and last owner that are given to ranges by UUID, anew for each machine. */
	public static final int OWNER_DYNAMIC_FIRST = 0x8000, OWNER_DYNAMIC_LAST = 0xefff;

	/** In every range, answered by the core: the UUID in two values, low half first. */
	public static final int FUNCTION_UUID = 0xff00;

	/** In every range, answered by the core: {@code major << 16 | minor} in the first value. */
	public static final int FUNCTION_REVISION = 0xff01;

	/** In every range, answered by the core: a word of the bit map of functions; the argument is the word's index. */
	public static final int FUNCTION_FEATURES = 0xff02;

	/** In every range, answered by the core: calls a second allowed, 0 for no limit, in the first value. */
	public static final int FUNCTION_LIMITS = 0xff03;

	private Abi() {}
}
