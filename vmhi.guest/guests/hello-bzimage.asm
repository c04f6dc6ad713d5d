; hello-bzimage: greets, from an image laid out as a Linux bzImage (boot protocol 2.15).
;
; It can be entered in three ways: in 64-bit mode 0x200 behind where the protected-mode part was loaded
; (the 64-bit boot protocol), in 32-bit mode at its first byte, and in real mode by a boot loader that
; loads the setup sectors.
;
; Prints  hello from a bzImage
;         command line: ...
;         initrd at 0x<address>, <n> bytes
;         e820 entries: <n>
; Exit    0

%include "lib/layout.inc"

	bits 16

SETUP_SECTORS	equ 4
SETUP_SIZE	equ (SETUP_SECTORS + 1) * 512
SECTION_BASE	equ IMAGE - SETUP_SIZE		; so that the protected-mode part begins at IMAGE

	org SECTION_BASE

; boot_params, beside the header's fields
BOOT_E820_COUNT		equ 0x1e8
BOOT_HEADER		equ 0x1f1
BOOT_INITRD		equ 0x218
BOOT_INITRD_SIZE	equ 0x21c

	times BOOT_HEADER - ($ - $$) db 0

	db SETUP_SECTORS
	dw 0				; root_flags
	dd (end - protected + 15) / 16	; syssize
	dw 0, 0xffff, 0			; ram_size, vid_mode, root_dev
	dw 0xaa55
	jmp short real			; 0x200
	db "HdrS"
	dw 0x020f
	dd 0				; realmode_swtch
	dw 0				; start_sys_seg
	dw version - $$ - 0x200
	db 0				; type_of_loader
	db 1				; loadflags: LOADED_HIGH
	dw 0				; setup_move_size
	dd IMAGE			; code32_start
	dd 0, 0				; ramdisk_image, ramdisk_size
	dd 0				; bootsect_kludge
	dw 0				; heap_end_ptr
	db 0, 0				; ext_loader_ver, ext_loader_type
	dd 0				; cmd_line_ptr
	dd 0x7fffffff			; initrd_addr_max
	dd 0x100000			; kernel_alignment
	db 0				; relocatable_kernel
	db 20				; min_alignment
	dw 1				; xloadflags: XLF_KERNEL_64
	dd 2047				; cmdline_size
	dd 0				; hardware_subarch
	dq 0				; hardware_subarch_data
	dd 0, 0				; payload_offset, payload_length
	dq 0				; setup_data
	dq IMAGE			; pref_address
	dd 0x100000			; init_size
	dd 0				; handover_offset
	dd 0				; kernel_info_offset

; DS is the segment of the boot sector, whose header becomes boot_params. The header ends here.
real:
	cli
	cld
	xor esi, esi
	mov si, ds
	shl esi, 4
	lea eax, [esi + real_gdt - $$]
	mov [real_gdt_pointer + 2 - $$], eax
	lgdt [real_gdt_pointer - $$]
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp dword CODE:IMAGE

	align 8
real_gdt:
	dq 0, 0
	dq 0x00cf9b000000ffff		; CODE
	dq 0x00cf93000000ffff		; DATA
.end:

real_gdt_pointer:
	dw real_gdt.end - real_gdt - 1
	dd 0

version:
	db "hello-bzimage, a VMHI guest", 0

	times SETUP_SIZE - ($ - $$) db 0

	bits 32
protected:
	mov eax, DATA
	mov ds, eax
	mov es, eax
	mov ss, eax
%include "lib/long.inc"

	times 0x200 - ($ - protected) db 0xcc

	jmp start

%include "lib/serial.inc"
%include "lib/args.inc"
%include "lib/start.inc"

main:
	mov rbx, [boot_params]
	print "hello from a bzImage", 10, "command line: "
	mov rdi, [command_line]
	call serial_string
	print 10, "initrd at 0x"
	mov eax, [rbx + BOOT_INITRD]
	print_hex rax
	print ", "
	mov eax, [rbx + BOOT_INITRD_SIZE]
	print_decimal rax
	print " bytes", 10, "e820 entries: "
	movzx eax, byte [rbx + BOOT_E820_COUNT]
	print_decimal rax
	print 10
	xor eax, eax
	ret

end:
