; spin: jumps to itself with interrupts off, for a machine that has to be forced off.
;
; Prints  spin: now
; Exit    none

%include "lib/flat.inc"

main:
	print "spin: now", 10
	cli
	jmp $
