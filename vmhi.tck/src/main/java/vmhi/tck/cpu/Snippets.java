package vmhi.tck.cpu;

/**
 * The guests of {@link CpuBackendContract}. Each ends by writing to port 0x81; writing to port 0x82 says that something
 * was wrong. Port 0x510, and 0xd0000000 and up, are for what a test is about; 0x20000 is data.
 */
final class Snippets {

	static final Code PORTS = new Code(64, """
			ba 10 05 00 00       ; mov edx, 0x510
			48 c7 c0 ff ff ff ff ; mov rax, -1
			ec                   ; in al, dx
			48 89 c3             ; mov rbx, rax
			66 ed                ; in ax, dx
			48 89 c1             ; mov rcx, rax
			ed                   ; in eax, dx
			48 89 c6             ; mov rsi, rax
			b8 21 43 65 87       ; mov eax, 0x87654321
			ee                   ; out dx, al
			66 ef                ; out dx, ax
			ef                   ; out dx, eax
			e4 80                ; in al, 0x80
			48 89 c7             ; mov rdi, rax
			66 e7 80             ; out 0x80, ax
			e6 81                ; out 0x81, al
			""");

	static final Code STRINGS = new Code(64, """
			fc             ; cld
			ba 10 05 00 00 ; mov edx, 0x510
			be 00 00 02 00 ; mov esi, 0x20000
			b9 03 00 00 00 ; mov ecx, 3
			f3 6e          ; rep outsb
			bf 10 00 02 00 ; mov edi, 0x20010
			b9 02 00 00 00 ; mov ecx, 2
			f3 66 6d       ; rep insw
			e6 81          ; out 0x81, al
			""");

	static final Code MMIO = new Code(64, """
			bb 00 00 00 d0                ; mov ebx, 0xd0000000
			48 b8 88 77 66 55 44 33 22 11 ; mov rax, 0x1122334455667788
			88 03                         ; mov [rbx], al
			66 89 43 02                   ; mov [rbx + 2], ax
			89 43 04                      ; mov [rbx + 4], eax
			48 89 43 08                   ; mov [rbx + 8], rax
			48 c7 c1 ff ff ff ff          ; mov rcx, -1
			8a 0b                         ; mov cl, [rbx]
			48 c7 c2 ff ff ff ff          ; mov rdx, -1
			66 8b 53 02                   ; mov dx, [rbx + 2]
			8b 73 04                      ; mov esi, [rbx + 4]
			48 8b 7b 08                   ; mov rdi, [rbx + 8]
			e6 81                         ; out 0x81, al
			""");

	static final Code HALT = new Code(64, """
			48 ff c3 ; inc rbx
			f4       ; hlt
			48 ff c3 ; inc rbx
			f4       ; hlt
			""");

	static final Code FAULT = new Code(64, """
			0f 0b ; ud2
			""");

	static final Code SPIN = new Code(64, """
			      ; again:
			eb fe ; jmp again
			""");

	static final Code COUNT = new Code(64, """
			31 db                   ; xor ebx, ebx
			66 0f ef c0             ; pxor xmm0, xmm0
			b8 01 00 00 00          ; mov eax, 1
			66 48 0f 6e c8          ; movq xmm1, rax
			                        ; again:
			48 ff c3                ; inc rbx
			66 0f d4 c1             ; paddq xmm0, xmm1
			48 89 1c 25 00 00 02 00 ; mov [0x20000], rbx
			80 3c 25 08 00 02 00 00 ; cmp byte [0x20008], 0
			74 e7                   ; je again
			66 48 0f 7e c1          ; movq rcx, xmm0
			e6 81                   ; out 0x81, al
			""");

	static final Code CONVERSATION = new Code(64, """
			31 c9                ; xor ecx, ecx
			ba 10 05 00 00       ; mov edx, 0x510
			                     ; again:
			ed                   ; in eax, dx
			39 c8                ; cmp eax, ecx
			75 10                ; jne wrong
			ff c1                ; inc ecx
			89 c8                ; mov eax, ecx
			ef                   ; out dx, eax
			3b 0c 25 00 00 02 00 ; cmp ecx, [0x20000]
			72 ed                ; jb again
			e6 81                ; out 0x81, al
			                     ; wrong:
			e6 82                ; out 0x82, al
			""");

	static final Code MODIFY = new Code(64, """
			bb 00 00 00 d0       ; mov ebx, 0xd0000000
			8b 0c 25 00 00 02 00 ; mov ecx, [0x20000]
			                     ; again:
			ff 03                ; inc dword [rbx]
			ff c9                ; dec ecx
			75 fa                ; jnz again
			e6 81                ; out 0x81, al
			""");

	static final Code CPUID = new Code(64, """
			b8 00 00 00 40 ; mov eax, 0x40000000
			31 c9          ; xor ecx, ecx
			0f a2          ; cpuid
			89 c6          ; mov esi, eax
			e6 81          ; out 0x81, al
			""");

	static final Code MSRS = new Code(64, """
			b9 00 0f 00 40 ; mov ecx, 0x40000f00
			0f 32          ; rdmsr
			89 c3          ; mov ebx, eax
			89 d6          ; mov esi, edx
			b8 88 77 66 55 ; mov eax, 0x55667788
			ba 44 33 22 11 ; mov edx, 0x11223344
			ff c1          ; inc ecx
			0f 30          ; wrmsr
			e6 81          ; out 0x81, al
			""");

	static final Code CONTEXT_64 = new Code(64, """
			e6 80 ; out 0x80, al
			e6 81 ; out 0x81, al
			""");

	static final Code CONTEXT_32 = new Code(32, """
			e6 80 ; out 0x80, al
			e6 81 ; out 0x81, al
			""");

	static final Code CONTEXT_16 = new Code(16, """
			e6 80 ; out 0x80, al
			e6 81 ; out 0x81, al
			""");

	static final Code SHARE = new Code(64, """
			b9 a0 86 01 00          ; mov ecx, 100000
			                        ; again:
			f0 ff 04 25 00 00 02 00 ; lock inc dword [0x20000]
			ff c9                   ; dec ecx
			75 f4                   ; jnz again
			e6 81                   ; out 0x81, al
			""");

	static final Code DIRTY = new Code(64, """
			c6 04 25 00 00 03 00 01 ; mov byte [0x30000], 1
			c6 04 25 ff 1f 03 00 01 ; mov byte [0x31fff], 1
			c6 04 25 00 50 03 00 01 ; mov byte [0x35000], 1
			e6 81                   ; out 0x81, al
			""");

	static final Code BELL = new Code(64, """
			bb 24 00 00 d0       ; mov ebx, 0xd0000024
			c7 03 07 00 00 00    ; mov dword [rbx], 7
			c7 43 04 08 00 00 00 ; mov dword [rbx + 4], 8
			e6 81                ; out 0x81, al
			""");

	static final Code WAIT_FOR_INTERRUPT = new Code(64, """
			bb f0 00 e0 fe          ; mov ebx, 0xfee000f0
			c7 03 ff 01 00 00       ; mov dword [rbx], 0x1ff
			fb                      ; sti
			                        ; again:
			83 3c 25 00 00 02 00 00 ; cmp dword [0x20000], 0
			74 f6                   ; je again
			fa                      ; cli
			e6 81                   ; out 0x81, al
			""");

	static final Code WAIT_WITHOUT_CONTROLLER = new Code(64, """
			fb                      ; sti
			                        ; again:
			83 3c 25 00 00 02 00 00 ; cmp dword [0x20000], 0
			74 f6                   ; je again
			fa                      ; cli
			e6 81                   ; out 0x81, al
			""");

	static final Code SLEEP = new Code(64, """
			e6 80 ; out 0x80, al
			fb    ; sti
			f4    ; hlt
			eb fd ; jmp $ - 1
			""");

	static final Code HANDLER = new Code(64, """
			ff 04 25 00 00 02 00 ; inc dword [0x20000]
			48 cf                ; iretq
			""");

	static final Code OUTS = new Code(64, """
			ba 10 05 00 00       ; mov edx, 0x510
			8b 0c 25 00 00 02 00 ; mov ecx, [0x20000]
			                     ; again:
			ee                   ; out dx, al
			ff c9                ; dec ecx
			75 fb                ; jnz again
			e6 81                ; out 0x81, al
			""");

	private Snippets() {}
}
