; hello: greets, from a flat image.
;
; Prints  hello from a flat image
;         command line: ...
; Exit    0

%include "lib/flat.inc"

main:
	print "hello from a flat image", 10, "command line: "
	mov rdi, [command_line]
	call serial_string
	print 10
	xor eax, eax
	ret
