; bad: faults without an IDT, which is a triple fault: the machine shuts down or resets.
;
; Prints  bad: now
; Exit    none

%include "lib/flat.inc"

main:
	print "bad: now", 10
	lidt [no_idt]
	ud2

no_idt:
	dw 0
	dq 0
