package vmhi.softcpu.diff;

import java.util.ArrayList;
import java.util.List;

/**
 * The instructions of one mode of code, in families. Which flags an instruction leaves undefined is written here and
 * nowhere else ({@code u=}); {@code docs/softcpu-testing.md} has the table with the sections of the SDM.
 */
final class Templates {
	private static final String ALL = "w=oszapc";
	private static final String[] ALU = { "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp" };
	private static final String[] ALU_FLAGS = { ALL, "w=oszpc u=a", ALL + " f=c", ALL + " f=c", "w=oszpc u=a", ALL,
			"w=oszpc u=a", ALL };
	private static final String[] ROTATES = { "rol", "ror", "rcl", "rcr", "shl", "shr", null, "sar" };
	private static final String[] CONDITIONS = { "o", "o", "c", "c", "z", "z", "cz", "cz", "s", "s", "p", "p", "so",
			"so",
			"zso", "zso" };
	private static final String[] PACKED = { "", "p66" };

	private final List<Template> all = new ArrayList<>();
	private String family;

	private Templates() {}

	/** All that there are. */
	static List<Template> all() {
		Templates templates = new Templates();
		templates.arithmetic();
		templates.moves();
		templates.bits();
		templates.strings();
		templates.control();
		templates.legacy();
		templates.x87();
		templates.mmx();
		templates.floating();
		templates.integers();
		templates.sse4();
		templates.illegal();
		return List.copyOf(templates.all);
	}

	private void add(String name, String... lines) {
		for (String line : lines)
			all.add(Template.parse(family, name, line));
	}

	private static String hex(int opcode) {
		return String.format("%02x", opcode);
	}

	private void arithmetic() {
		family = "alu";
		for (int n = 0; n < 8; n++) {
			String lock = n == 7 ? "" : " lock";
			String flags = " " + ALU_FLAGS[n];
			add(ALU[n], hex(8 * n) + " /r b" + lock + flags, hex(8 * n + 1) + " /r v" + lock + flags,
					hex(8 * n + 2) + " /r b" + flags, hex(8 * n + 3) + " /r v" + flags,
					hex(8 * n + 4) + " ib b t=a" + flags, hex(8 * n + 5) + " iz v t=a" + flags,
					"80 /" + n + " ib b" + lock + flags, "81 /" + n + " iz v" + lock + flags,
					"83 /" + n + " ib v" + lock + flags, "82 /" + n + " ib b only32" + lock + flags);
		}
		add("test", "84 /r b w=oszpc u=a", "85 /r v w=oszpc u=a", "a8 ib b t=a w=oszpc u=a", "a9 iz v t=a w=oszpc u=a",
				"f6 /0 ib b w=oszpc u=a", "f7 /0 iz v w=oszpc u=a");
		add("inc", "fe /0 b lock w=oszap", "ff /0 v lock w=oszap", "40 +r v only32 w=oszap");
		add("dec", "fe /1 b lock w=oszap", "ff /1 v lock w=oszap", "48 +r v only32 w=oszap");
		add("not", "f6 /2 b lock", "f7 /2 v lock");
		add("neg", "f6 /3 b lock " + ALL, "f7 /3 v lock " + ALL);
		family = "mul";
		add("mul", "f6 /4 b t=a w=oc u=szap", "f7 /4 v t=ad w=oc u=szap");
		add("imul", "f6 /5 b t=a w=oc u=szap", "f7 /5 v t=ad w=oc u=szap", "0faf /r v w=oc u=szap",
				"69 /r iz v w=oc u=szap", "6b /r ib v w=oc u=szap");
		add("div", "f6 /6 b t=a u=oszapc !div", "f7 /6 v t=ad u=oszapc !div");
		add("idiv", "f6 /7 b t=a u=oszapc !div", "f7 /7 v t=ad u=oszapc !div");
		family = "shift";
		for (int n = 0; n < 8; n++)
			if (ROTATES[n] != null) {
				String carry = n == 2 || n == 3 ? " f=c" : "";
				add(ROTATES[n], "c0 /" + n + " ib b !shift" + carry, "c1 /" + n + " ib v !shift" + carry,
						"d0 /" + n + " b !shift" + carry, "d1 /" + n + " v !shift" + carry,
						"d2 /" + n + " b t=c !shift" + carry, "d3 /" + n + " v t=c !shift" + carry);
			}
		add("shld", "0fa4 /r ib v !double", "0fa5 /r v t=c !double");
		add("shrd", "0fac /r ib v !double", "0fad /r v t=c !double");
	}

	private void moves() {
		family = "move";
		add("mov", "88 /r b", "89 /r v", "8a /r b", "8b /r v", "c6 /0 ib b", "c7 /0 iz v", "b0 +r ib b", "b8 +r iv v",
				"a0 b t=a !moffs m=1", "a1 v t=a !moffs", "a2 b t=a !moffs m=1", "a3 v t=a !moffs");
		add("lea", "8d /r v mem !lea");
		add("movzx", "0fb6 /r v !byteSource m=1", "0fb7 /r v m=2");
		add("movsx", "0fbe /r v !byteSource m=1", "0fbf /r v m=2");
		add("movsxd", "63 /r y m=4 only64");
		add("cbw", "98 v t=a");
		add("cwd", "99 v t=ad");
		add("xchg", "86 /r b lock", "87 /r v lock", "90 +r v t=a");
		add("xadd", "0fc0 /r b lock " + ALL, "0fc1 /r v lock " + ALL);
		add("cmpxchg", "0fb0 /r b lock t=a !cmpxchg " + ALL, "0fb1 /r v lock t=a !cmpxchg " + ALL);
		add("cmpxchg8b", "0fc7 /1 mem m=8 lock t=adcb !cmpxchg8 w=z");
		add("cmpxchg16b", "0fc7 /1 W mem m=16 al lock t=adcb !cmpxchg8 w=z only64 +cx16");
		add("bswap", "0fc8 +r y");
		add("cmov", conditional("0f4", " /r v"));
		add("setcc", conditional("0f9", " /0 b"));
		add("nop", "90", "0f1f /0 v", "pf3 90", "0f18 /1 mem", "0f18 /0 mem m=1", "0f0d /1 mem m=1", "0faef0", "0faee8",
				"0faef8");
		add("lahf", "9f t=a f=szapc");
		add("sahf", "9e t=a w=szapc");
		add("flag", "f8 w=c", "f9 w=c", "f5 f=c w=c", "fc", "fd");
		add("xlat", "d7 t=ab !xlat");
		add("movseg", "8c /0 v -g !segment m=2", "8c /3 v -g !segment m=2", "8e /0 -g !segmentLoad reg",
				"8e /3 -g !segmentLoad reg", "8e /2 -g !segmentLoad reg");
	}

	private static String[] conditional(String opcode, String rest) {
		String[] lines = new String[16];
		for (int i = 0; i < 16; i++)
			lines[i] = opcode + Integer.toHexString(i) + rest + " f=" + CONDITIONS[i];
		return lines;
	}

	private void bits() {
		family = "bits";
		String[] names = { "bt", "bts", "btr", "btc" };
		for (int n = 0; n < 4; n++) {
			String lock = n == 0 ? "" : " lock";
			add(names[n], hex(0x0f) + hex(0xa3 + 8 * n) + " /r v !bit w=c u=osap" + lock,
					"0fba /" + (4 + n) + " ib v w=c u=osap" + lock);
		}
		add("bsf", "0fbc /r v w=z u=osapc");
		add("bsr", "0fbd /r v w=z u=osapc");
		add("popcnt", "pf3 0fb8 /r v +popcnt " + ALL);
		add("crc32", "pf2 0f38f0 /r y m=1 !byteSource +sse42", "pf2 0f38f1 /r v +sse42 !crc");
	}

	private void strings() {
		family = "string";
		add("movs", "a4 b t=csi !string", "a5 v t=csi !string");
		add("cmps", "a6 b t=csi !string " + ALL, "a7 v t=csi !string " + ALL);
		add("stos", "aa b t=aci !string", "ab v t=aci !string");
		add("lods", "ac b t=acs !string", "ad v t=acs !string");
		add("scas", "ae b t=aci !string " + ALL, "af v t=aci !string " + ALL);
	}

	private void control() {
		family = "control";
		add("push", "50 +r q stack", "ff /6 q stack", "68 iz q stack", "6a ib q stack");
		add("pop", "58 +r q stack", "8f /0 q stack");
		add("pushf", "9c q stack f=oszapc");
		add("popf", "9d q stack !popf w=oszapc");
		add("enter", "c8 q stack t=p !enter");
		add("leave", "c9 q stack t=p !leave");
		add("call", "e8 stack !call", "ff /2 stack !callRegister only64", "c2 stack !retImmediate",
				"cb stack !retFar only64");
		add("jmp", "eb !jump", "e9 !jump", "ff /4 !jumpRegister only64");
		add("jcc", conditional("7", " !jump"));
		add("jcc", conditional("0f8", " !jump"));
		add("loop", "e0 t=c !loop f=z", "e1 t=c !loop f=z", "e2 t=c !loop", "e3 t=c !loop");
	}

	/** What there is in 32-bit code alone. */
	private void legacy() {
		family = "legacy";
		add("bcd", "27 t=a w=szapc u=o f=ac only32", "2f t=a w=szapc u=o f=ac only32", "37 t=a w=ac u=oszp f=a only32",
				"3f t=a w=ac u=oszp f=a only32", "d4 ib t=a w=szp u=oac only32", "d5 ib t=a w=szp u=oac only32");
		add("pusha", "60 q stack only32");
		add("popa", "61 q stack only32 t=acdbpsi");
		add("salc", "d6 t=a f=c only32");
		add("into", "ce f=o only32");
		add("bound", "62 /r v mem m=8 only32");
		add("arpl", "63 /r m=2 w=z only32");
		add("pushseg", "06 q stack only32", "0e q stack only32", "16 q stack only32", "1e q stack only32");
	}

	private void x87() {
		family = "x87";
		String[] names = { "fadd", "fmul", "fcom", "fcomp", "fsub", "fsubr", "fdiv", "fdivr" };
		int[][] sizes = { { 0xd8, 4 }, { 0xda, 4 }, { 0xdc, 8 }, { 0xde, 2 } };
		for (int n = 0; n < 8; n++) {
			for (int[] form : sizes)
				add(names[n], hex(form[0]) + " /" + n + " mem -- m=" + form[1]);
			add(names[n], "d8 /" + n + " reg --");
			if (n != 2 && n != 3)
				add(names[n], "dc /" + n + " reg --", "de /" + n + " reg --");
		}
		add("fld", "d9 /0 -- m=4", "dd /0 -- m=8 mem", "db /5 -- m=10 mem");
		add("fild", "db /0 -- m=4 mem", "df /0 -- m=2 mem", "df /5 -- m=8 mem");
		add("fst", "d9 /2 -- m=4 mem", "d9 /3 -- m=4 mem", "dd /2 -- m=8", "dd /3 -- m=8", "db /7 -- m=10 mem");
		add("fist", "db /2 -- m=4 mem", "db /3 -- m=4 mem", "df /2 -- m=2 mem", "df /3 -- m=2 mem", "df /7 -- m=8 mem",
				"db /1 -- m=4 mem +sse3", "dd /1 -- m=8 mem +sse3", "df /1 -- m=2 mem +sse3");
		add("fbcd", "df /4 -- m=10 mem", "df /6 -- m=10 mem");
		add("fxch", "d9 /1 -- reg");
		add("fcmov", "da /0 -- reg f=c", "da /1 -- reg f=z", "da /2 -- reg f=cz", "da /3 -- reg f=p",
				"db /0 -- reg f=c",
				"db /1 -- reg f=z", "db /2 -- reg f=cz", "db /3 -- reg f=p");
		add("fcomi", "db /5 -- reg u=k " + ALL, "db /6 -- reg u=k " + ALL, "df /5 -- reg u=k " + ALL,
				"df /6 -- reg u=k " + ALL);
		add("fucom", "dd /4 -- reg", "dd /5 -- reg", "dae9", "ded9");
		add("ffree", "dd /0 -- reg");
		add("fconst", "d9e8", "d9e9", "d9ea", "d9eb", "d9ec", "d9ed", "d9ee");
		add("funary", "d9d0", "d9e0", "d9e1", "d9e4", "d9e5", "d9f4", "d9f5", "d9f8", "d9fa", "d9fc", "d9fd");
		add("fstack", "d9f6", "d9f7", "dbe2", "dbe3", "9b");
		add("ftranscendental", "d9f0 last", "d9f1 last", "d9f2 last", "d9f3 last", "d9f9 last", "d9fb last",
				"d9fe last",
				"d9ff last");
		add("fcontrol", "d9 /5 -- m=2 mem !fldcw", "d9 /7 -- m=2 mem", "dd /7 -- m=2 mem f=k", "dfe0 t=a f=k");
		add("fenvironment", "d9 /4 -- m=28 mem", "d9 /6 -- m=28 mem !environment f=k", "dd /4 -- m=108 mem",
				"dd /6 -- m=108 mem !environment f=k");
	}

	private void mmx() {
		family = "mmx";
		int[] plain = { 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x74, 0x75, 0x76, 0xd1, 0xd2, 0xd3, 0xd4,
				0xd5, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe8, 0xe9,
				0xea,
				0xeb, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd,
				0xfe };
		for (int opcode : plain)
			add("0f" + hex(opcode), "0f" + hex(opcode) + " /r mm m=8");
		add("punpckl", "0f60 /r mm m=4", "0f61 /r mm m=4", "0f62 /r mm m=4");
		for (int opcode = 0; opcode <= 0x0b; opcode++)
			add("0f38" + hex(opcode), "0f38" + hex(opcode) + " /r mm m=8 +ssse3");
		add("pabs", "0f381c /r mm m=8 +ssse3", "0f381d /r mm m=8 +ssse3", "0f381e /r mm m=8 +ssse3");
		add("palignr", "0f3a0f /r ib mm m=8 +ssse3");
		add("movd", "0f6e /r y mg", "0f7e /r y mg");
		add("movq", "0f6f /r mm m=8", "0f7f /r mm m=8", "0fe7 /r mm m=8 mem", "pf3 0fd6 /r xm reg",
				"pf2 0fd6 /r mx reg");
		add("pshufw", "0f70 /r ib mm m=8");
		add("pshift", "0f71 /2 ib -- reg", "0f71 /4 ib -- reg", "0f71 /6 ib -- reg", "0f72 /2 ib -- reg",
				"0f72 /4 ib -- reg", "0f72 /6 ib -- reg", "0f73 /2 ib -- reg", "0f73 /6 ib -- reg");
		add("pmovmskb", "0fd7 /r gm reg");
		add("pinsrw", "0fc4 /r ib mg m=2", "0fc5 /r ib gm reg");
		add("emms", "0f77");
		add("maskmovq", "0ff7 /r mm reg t=i !mask");
		add("cvtpi", "0f2a /r xm m=8", "p66 0f2a /r xm m=8", "0f2c /r mx m=8", "0f2d /r mx m=8",
				"p66 0f2c /r mx m=16 al",
				"p66 0f2d /r mx m=16 al");
	}

	private void floating() {
		family = "sse";
		String[] prefixes = { "", "p66", "pf3", "pf2" };
		int[] bytes = { 16, 16, 4, 8 };
		for (int i = 0; i < 4; i++) {
			String operand = " /r xx m=" + bytes[i] + (i < 2 ? " al" : "");
			for (int opcode : new int[] { 0x51, 0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f })
				add("arith", prefixes[i] + " 0f" + hex(opcode) + operand);
			add("cmp", prefixes[i] + " 0fc2 ib !predicate" + operand);
			add("mov", prefixes[i] + " 0f10 /r xx m=" + bytes[i], prefixes[i] + " 0f11 /r xx m=" + bytes[i]);
		}
		add("rcp", "0f52 /r xx m=16 al last", "0f53 /r xx m=16 al last", "pf3 0f52 /r xx m=4 last",
				"pf3 0f53 /r xx m=4 last");
		for (String prefix : PACKED) {
			for (int opcode : new int[] { 0x14, 0x15, 0x54, 0x55, 0x56, 0x57, 0x28, 0x29 })
				add("logic", prefix + " 0f" + hex(opcode) + " /r xx m=16 al");
			add("mov", prefix + " 0f2b /r xx m=16 al mem", prefix + " 0f12 /r xx m=8 mem",
					prefix + " 0f13 /r xx m=8 mem",
					prefix + " 0f16 /r xx m=8 mem", prefix + " 0f17 /r xx m=8 mem");
			add("movmsk", prefix + " 0f50 /r gx reg");
			add("shuf", prefix + " 0fc6 /r ib xx m=16 al");
			int size = prefix.isEmpty() ? 4 : 8;
			add("comis", prefix + " 0f2e /r xx " + ALL + " m=" + size, prefix + " 0f2f /r xx " + ALL + " m=" + size);
		}
		add("movhl", "0f12 /r xx reg", "0f16 /r xx reg");
		add("convert", "0f5a /r xx m=8", "p66 0f5a /r xx m=16 al", "pf3 0f5a /r xx m=4", "pf2 0f5a /r xx m=8",
				"0f5b /r xx m=16 al", "p66 0f5b /r xx m=16 al", "pf3 0f5b /r xx m=16 al", "p66 0fe6 /r xx m=16 al",
				"pf3 0fe6 /r xx m=8", "pf2 0fe6 /r xx m=16 al", "pf3 0f2a /r y xg", "pf2 0f2a /r y xg",
				"pf3 0f2c /r y gx m=4", "pf3 0f2d /r y gx m=4", "pf2 0f2c /r y gx m=8", "pf2 0f2d /r y gx m=8");
		add("sse3", "p66 0f7c /r xx m=16 al +sse3", "pf2 0f7c /r xx m=16 al +sse3", "p66 0f7d /r xx m=16 al +sse3",
				"pf2 0f7d /r xx m=16 al +sse3", "p66 0fd0 /r xx m=16 al +sse3", "pf2 0fd0 /r xx m=16 al +sse3",
				"pf3 0f12 /r xx m=16 al +sse3", "pf3 0f16 /r xx m=16 al +sse3", "pf2 0f12 /r xx m=8 +sse3",
				"pf2 0ff0 /r xx m=16 mem +sse3");
		add("fxsave", "0fae /0 y -- mem m=512 al !fxsave f=k", "0fae /1 y -- mem m=512 al !fxrstor");
		add("mxcsr", "0fae /2 -- mem m=4 !ldmxcsr", "0fae /3 -- mem m=4");
	}

	private void integers() {
		family = "sse2";
		for (int opcode = 0x60; opcode <= 0x6d; opcode++)
			add("0f" + hex(opcode), "p66 0f" + hex(opcode) + " /r xx m=16 al");
		for (int opcode = 0x74; opcode <= 0x76; opcode++)
			add("0f" + hex(opcode), "p66 0f" + hex(opcode) + " /r xx m=16 al");
		for (int opcode = 0xd1; opcode <= 0xfe; opcode++)
			if (opcode != 0xd6 && opcode != 0xd7 && opcode != 0xe6 && opcode != 0xe7 && opcode != 0xf0
					&& opcode != 0xf7)
				add("0f" + hex(opcode), "p66 0f" + hex(opcode) + " /r xx m=16 al");
		add("mov", "p66 0f6e /r y xg", "p66 0f7e /r y xg", "p66 0f6f /r xx m=16 al", "p66 0f7f /r xx m=16 al",
				"pf3 0f6f /r xx m=16", "pf3 0f7f /r xx m=16", "p66 0fd6 /r xx m=8", "pf3 0f7e /r xx m=8",
				"p66 0fe7 /r xx m=16 al mem", "0fc3 /r y mem");
		add("pshuf", "p66 0f70 /r ib xx m=16 al", "pf3 0f70 /r ib xx m=16 al", "pf2 0f70 /r ib xx m=16 al");
		for (String form : new String[] { "71 /2", "71 /4", "71 /6", "72 /2", "72 /4", "72 /6", "73 /2", "73 /3",
				"73 /6",
				"73 /7" })
			add("pshift", "p66 0f" + form + " ib -x reg");
		add("pmovmskb", "p66 0fd7 /r gx reg");
		add("pinsrw", "p66 0fc4 /r ib xg m=2", "p66 0fc5 /r ib gx reg");
		add("maskmov", "p66 0ff7 /r xx reg t=i !mask");
		for (int opcode = 0; opcode <= 0x0b; opcode++)
			add("0f38" + hex(opcode), "p66 0f38" + hex(opcode) + " /r xx m=16 al +ssse3");
		add("pabs", "p66 0f381c /r xx m=16 al +ssse3", "p66 0f381d /r xx m=16 al +ssse3",
				"p66 0f381e /r xx m=16 al +ssse3");
		add("palignr", "p66 0f3a0f /r ib xx m=16 al +ssse3");
	}

	private void sse4() {
		family = "sse4";
		for (int opcode : new int[] { 0x10, 0x14, 0x15, 0x28, 0x29, 0x2b, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e,
				0x3f,
				0x40, 0x41 })
			add("0f38" + hex(opcode), "p66 0f38" + hex(opcode) + " /r xx m=16 al +sse41");
		add("ptest", "p66 0f3817 /r xx m=16 al +sse41 " + ALL);
		int[] bytes = { 8, 4, 2, 8, 4, 8 };
		for (int i = 0; i < 6; i++)
			add("pmovx", "p66 0f38" + hex(0x20 + i) + " /r xx +sse41 m=" + bytes[i],
					"p66 0f38" + hex(0x30 + i) + " /r xx +sse41 m=" + bytes[i]);
		add("movntdqa", "p66 0f382a /r xx mem m=16 al +sse41");
		add("pcmpgtq", "p66 0f3837 /r xx m=16 al +sse42");
		add("round", "p66 0f3a08 /r ib xx m=16 al +sse41 !rounding", "p66 0f3a09 /r ib xx m=16 al +sse41 !rounding",
				"p66 0f3a0a /r ib xx m=4 +sse41 !rounding", "p66 0f3a0b /r ib xx m=8 +sse41 !rounding");
		for (int opcode : new int[] { 0x0c, 0x0d, 0x0e, 0x40, 0x41, 0x42 })
			add("0f3a" + hex(opcode), "p66 0f3a" + hex(opcode) + " /r ib xx m=16 al +sse41");
		add("extract", "p66 0f3a14 /r ib xg m=1 +sse41", "p66 0f3a15 /r ib xg m=2 +sse41",
				"p66 0f3a16 /r ib y xg +sse41",
				"p66 0f3a17 /r ib xg m=4 +sse41");
		add("insert", "p66 0f3a20 /r ib xg m=1 +sse41", "p66 0f3a21 /r ib xx m=4 +sse41",
				"p66 0f3a22 /r ib y xg +sse41");
		add("pcmpstr", "p66 0f3a60 /r ib xx m=16 t=ad +sse42 " + ALL, "p66 0f3a61 /r ib xx m=16 t=acd +sse42 " + ALL,
				"p66 0f3a62 /r ib xx m=16 +sse42 " + ALL, "p66 0f3a63 /r ib xx m=16 t=c +sse42 " + ALL);
		add("pclmulqdq", "p66 0f3a44 /r ib xx m=16 al +pclmulqdq");
		for (int opcode = 0xdb; opcode <= 0xdf; opcode++)
			add("aes", "p66 0f38" + hex(opcode) + " /r xx m=16 al +aes");
		add("aeskeygen", "p66 0f3adf /r ib xx m=16 al +aes");
	}

	/** What level 3 may not do, or nobody. */
	private void illegal() {
		family = "illegal";
		for (String code : "0f0b 0f04 0f0a 0f24 0f26 0f36 f0f8 f090 f001c0 f08b06 f03800 f00fa3c0 8ec8 fed0 ffff c6c8"
				.split(" "))
			add("ud", code);
		for (String code : ("0fc7c8 0fbac000 0fbad800 d9d1 d9e2 d9e6 d9ef dae0 daea daff dbe5 dbf8 dedf dfe1 dff8"
				+ " 0f71c000 0f72d800 0f73c800 0f73d800").split(" "))
			add("ud", code);
		for (String code : "06 07 0e 16 17 1e 1f 27 2f 37 3f 60 61 82c000 9a ce d400 d500 d6 ea".split(" "))
			add("ud", code + " only64");
		for (String code : ("f4 fa fb ec ed ee ef e410 e510 e610 e710 6c 6d 6e 6f 0f06 0f08 0f09 0f20c0 0f22c0 0f21c0 0f23c0"
				+ " 0f20d8 0f22d8 0f30 0f32 0f00d0 0f00d8 0f0138 0f0110 0f0118 0f01f0").split(" "))
			add("gp", code);
		add("long", "66666666666666666666666666666690", "2e2e2e2e2e2e2e2e2e2e2e2e2e0fafc0");
		add("int3", "cc");
	}
}
