; Instructions, and what nasm 2.16 makes of them: in each mode the ways to write an address or a number, and the
; instructions of instructions.txt, in 64-bit mode every form of each. Operands were picked at random once.
;
; EncodingsTest compares; NasmTest lets nasm, where it is installed, assemble this file too.

	default rel
	org 0x7000

data:

	bits 16
	mov eax, [data]									; 66a10070
	mov [later-data], ax							; a3a51f
	mov cx, [bp]									; 8b4e00
	mov cx, [bp+si+0x1234]							; 8b8a3412
	mov cx, [bx+di-5]								; 8b49fb
	mov ecx, [eax+ebx*2]							; 66678b0c58
	mov cx, [0x1234]								; 8b0e3412
	jmp 0x10:data									; ea00701000
	jmp dword 0x10:data								; 66ea007000001000
	jmp near $										; e9fdff
	jnz $+200										; 0f85c400
	push 5											; 6a05
	push 500										; 68f401
	o32 lgdt [data]									; 660f01160070
	mov si, ds										; 8cde
	shl esi, 4										; 66c1e604
	add dh, cl										; 00ce
	or byte [bp+di+0x1234], cl						; 088b3412
	adc dh, cl										; 10ce
	lock sbb byte [gs:esi+eax*2+later], dl			; f06567189446a58f0000
	and ah, cl										; 20cc
	sub byte [gs:bx+si], bh							; 652838
	xor byte [esp+ebx*2+128], cl					; 67308c5c80000000
	cmp byte [bx+di], dl							; 3811
	mov al, [0x1234]								; a03412
	movzx dx, byte [0x1234]							; 0fb6163412
	movsx bp, bh									; 0fbeef
	lea di, [bx+si]									; 8d38
	xchg ax, sp										; 94
	xadd byte [gs:di-128], bh						; 650fc07d80
	cmpxchg byte [0x1234], dh						; 0fb0363412
	cmpxchg8b qword [bp+si+127]						; 0fc74a7f
	bswap esp										; 660fcc
	inc si											; 46
	dec bp											; 4d
	lock not byte [bp+si+5]							; f0f65205
	neg dl											; f6da
	mul dl											; f6e2
	div byte [0x1234]								; f6363412
	idiv byte [gs:bp+0x1234]						; 65f6be3412
	imul cl											; f6e9
	test byte [bx-5], cl							; 844ffb
	rol cl, 1										; d0c1
	ror cl, 1										; d0c9
	rcl byte [fs:later], 1							; 64d016a58f
	rcr ch, 1										; d0dd
	shl byte [later], 1								; d026a58f
	sal byte [later], 1								; d026a58f
	shr byte [di+0x1234], 1							; d0ad3412
	sar ah, 1										; d0fc
	shld word [ebx+esi*2-5], bx, 255				; 670fa45c73fbff
	shrd ax, sp, 255								; 0face0ff
	bt word [ebp+ecx*2+128], cx						; 670fa38c4d80000000
	bts bx, bp										; 0fabeb
	btr ax, di										; 0fb3f8
	btc word [bp], bx								; 0fbb5e00
	bsf dx, word [gs:edi-128]						; 65670fbc5780
	bsr si, word [bx+si+5]							; 0fbd7005
	popcnt dx, word [bx]							; f30fb817
	cbw												; 98
	cwde											; 6698
	cwd												; 99
	cdq												; 6699
	push bp											; 55
	pop dx											; 5a
	pushf											; 9c
	popf											; 9d
	lahf											; 9f
	sahf											; 9e
	call near $										; e8fdff
	jmp $+5											; eb03
	jo $											; 70fe
	jno $											; 71fe
	jb $											; 72fe
	jc $											; 72fe
	jnae $+5										; 7203
	jae $											; 73fe
	jnb $+5											; 7303
	jnc $+5											; 7303
	je $+5											; 7403
	jz $+5											; 7403
	jne $											; 75fe
	jnz $+5											; 7503
	jbe $											; 76fe
	jna $+5											; 7603
	ja $+5											; 7703
	jnbe $											; 77fe
	js $											; 78fe
	jns $+5											; 7903
	jp $+5											; 7a03
	jpe $											; 7afe
	jnp $+5											; 7b03
	jpo $+5											; 7b03
	jl $+5											; 7c03
	jnge $+5										; 7c03
	jge $											; 7dfe
	jnl $+5											; 7d03
	jle $											; 7efe
	jng $											; 7efe
	jg $											; 7ffe
	jnle $+5										; 7f03
	seto dh											; 0f90c6
	setno byte [esi*4+esi+5]						; 670f9144b605
	setb byte [ebp]									; 670f924500
	setc byte [si+0x1234]							; 0f92843412
	setnae byte [data]								; 0f92060070
	setae al										; 0f93c0
	setnb byte [si-128]								; 0f934480
	setnc byte [fs:bx+di+128]						; 640f93818000
	sete dh											; 0f94c6
	setz byte [ebx*1+ecx+127]						; 670f9444197f
	setne bh										; 0f95c7
	setnz ah										; 0f95c4
	setbe byte [bp+si]								; 0f9602
	setna bl										; 0f96c3
	seta byte [gs:edi+127]							; 65670f97477f
	setnbe byte [eax+127]							; 670f97407f
	sets bh											; 0f98c7
	setns cl										; 0f99c1
	setp byte [gs:0x1234]							; 650f9a063412
	setpe bl										; 0f9ac3
	setnp dh										; 0f9bc6
	setpo byte [bp+127]								; 0f9b467f
	setl dh											; 0f9cc6
	setnge byte [gs:bx+si+127]						; 650f9c407f
	setge byte [di+128]								; 0f9d858000
	setnl byte [fs:bp+di+127]						; 640f9d437f
	setle ch										; 0f9ec5
	setng ah										; 0f9ec4
	setg byte [esp]									; 670f9f0424
	setnle byte [si]								; 0f9f04
	cmovo sp, word [bp+5]							; 0f406605
	cmovno bp, word [data]							; 0f412e0070
	cmovb si, word [fs:bx+si+0x1234]				; 640f42b03412
	cmovc bx, ax									; 0f42d8
	cmovnae dx, word [bx+si]						; 0f4210
	cmovae bx, word [0x1234]						; 0f431e3412
	cmovnb cx, word [si]							; 0f430c
	cmovnc bx, word [edi-129]						; 670f439f7fffffff
	cmove si, sp									; 0f44f4
	cmovz ax, word [gs:si+128]						; 650f44848000
	cmovne sp, word [bx+di+127]						; 0f45617f
	cmovnz bx, word [bx-129]						; 0f459f7fff
	cmovbe cx, word [fs:eax-129]					; 64670f46887fffffff
	cmovna sp, word [fs:bp+127]						; 640f46667f
	cmova bx, word [si+0x1234]						; 0f479c3412
	cmovnbe bp, sp									; 0f47ec
	cmovs cx, word [eax+edx-128]					; 670f484c1080
	cmovns di, word [gs:bx+di+128]					; 650f49b98000
	cmovp bp, bp									; 0f4aed
	cmovpe si, bx									; 0f4af3
	cmovnp ax, word [bx+di-128]						; 0f4b4180
	cmovpo bp, word [si]							; 0f4b2c
	cmovl dx, sp									; 0f4cd4
	cmovnge si, word [eax+esi*2-128]				; 670f4c747080
	cmovge cx, si									; 0f4dce
	cmovnl di, word [0x1234]						; 0f4d3e3412
	cmovle dx, si									; 0f4ed6
	cmovng bp, sp									; 0f4eec
	cmovg sp, word [bx+di-128]						; 0f4f6180
	cmovnle dx, word [ebx-129]						; 670f4f937fffffff
	loop $+5										; e203
	loope $											; e1fe
	loopz $+5										; e103
	loopne $+5										; e003
	loopnz $										; e0fe
	ret												; c3
	retf											; cb
	iret											; cf
	iretd											; 66cf
	enter 0xff80, 0x0								; c880ff00
	leave											; c9
	int 128											; cd80
	int3											; cc
	ud2												; 0f0b
	movsb											; a4
	rep movsw										; f3a5
	rep movsd										; f366a5
	cmpsb											; a6
	repne cmpsw										; f2a7
	repe cmpsd										; f366a7
	rep stosb										; f3aa
	stosw											; ab
	rep stosd										; f366ab
	lodsb											; ac
	rep lodsw										; f3ad
	rep lodsd										; f366ad
	scasb											; ae
	scasw											; af
	repne scasd										; f266af
	insb											; 6c
	insw											; 6d
	rep insd										; f3666d
	outsb											; 6e
	rep outsw										; f36f
	rep outsd										; f3666f
	xlatb											; d7
	in al, 0xff										; e4ff
	out 0x1, al										; e601
	nop												; 90
	pause											; f390
	hlt												; f4
	cmc												; f5
	clc												; f8
	stc												; f9
	cli												; fa
	sti												; fb
	cld												; fc
	std												; fd
	cpuid											; 0fa2
	rdtsc											; 0f31
	rdtscp											; 0f01f9
	rdpmc											; 0f33
	rdmsr											; 0f32
	wrmsr											; 0f30
	rdrand di										; 0fc7f7
	rdseed cx										; 0fc7f9
	syscall											; 0f05
	sysret											; 0f07
	sysenter										; 0f34
	sysexit											; 0f35
	vmcall											; 0f01c1
	vmmcall											; 0f01d9
	xgetbv											; 0f01d0
	xsetbv											; 0f01d1
	clac											; 0f01ca
	stac											; 0f01cb
	clts											; 0f06
	invd											; 0f08
	wbinvd											; 0f09
	invlpg [bx+si]									; 0f0138
	lgdt [ecx*1+esi+0x1234]							; 670f01940e34120000
	lidt [fs:bp+di+127]								; 640f015b7f
	sgdt [si-129]									; 0f01847fff
	sidt [gs:bp+di+0x1234]							; 650f018b3412
	lldt word [eax*2+eax+127]						; 670f0054407f
	ltr word [gs:bp-5]								; 650f005efb
	lmsw word [ebp+esi*2-128]						; 670f01747580
	endbr64											; f30f1efa
	lfence											; 0faee8
	mfence											; 0faef0
	sfence											; 0faef8
	clflush [bx-5]									; 0fae7ffb
	prefetchnta [bp+di-129]							; 0f18837fff
	prefetcht0 [data]								; 0f180e0070
	prefetcht1 [edx+esi*1+later]					; 670f189432a58f0000
	prefetcht2 [esi+edi*4+5]						; 670f185cbe05
	fxsave [0x1234]									; 0fae063412
	fxrstor [ebp+128]								; 670fae8d80000000
	ldmxcsr [bp+128]								; 0fae968000
	stmxcsr dword [ebp+esi*1-128]					; 670fae5c3580
	fninit											; dbe3
	movd xmm7, edi									; 660f6eff
	movq xmm3, qword [bx+si-128]					; f30f7e5880
	movdqa xmm6, [ebp+later]						; 67660f6fb5a58f0000
	movdqu xmm5, oword [fs:later]					; 64f30f6f2ea58f
	movaps xmm4, oword [gs:bx+di-5]					; 650f2861fb
	movups xmm7, xmm7								; 0f10ff
	movntdq oword [edx+edi*2-129], xmm0				; 67660fe7847a7fffffff
	paddb xmm4, xmm2								; 660ffce2
	paddw xmm3, [bp+di+0x1234]						; 660ffd9b3412
	paddd xmm6, xmm3								; 660ffef3
	paddq xmm6, [fs:bx+di-128]						; 64660fd47180
	psubd xmm1, [edx+ebx*2-129]						; 67660ffa8c5a7fffffff
	psubq xmm6, oword [esp+ebp*4]					; 67660ffb34ac
	pand xmm4, [bp+di]								; 660fdb23
	pandn xmm5, [bx]								; 660fdf2f
	por xmm0, [ebx*1]								; 67660feb03
	pxor xmm3, xmm3									; 660fefdb
	pcmpeqb xmm1, oword [ecx+ebp*2]					; 67660f740c69
	pcmpeqd xmm0, [bx+si-5]							; 660f7640fb
	pmovmskb ebp, xmm6								; 660fd7ee
	pshufd xmm5, [bx+di-129], 128					; 660f70a97fff80
	punpcklqdq xmm6, xmm2							; 660f6cf2

	bits 32
	mov eax, [data]									; a100700000
	mov [later], al									; a2a58f0000
	mov eax, [ebx+ecx*4+data]						; 8b848b00700000
	mov ecx, [bx+si+5]								; 678b4805
	mov ecx, [data]									; 8b0d00700000
	jmp 0x10:data									; ea007000001000
	jmp near $										; e9fbffffff
	jnz $+200										; 0f85c2000000
	xchg eax, eax									; 90
	push data										; 6800700000
	inc eax											; 40
	lgdt [data]										; 0f011500700000
	mov ax, [fs:8]									; 6466a108000000
	add byte [esp+esi*4-128], dh					; 0074b480
	or dh, al										; 08c6
	lock adc byte [esi+ebx-128], dh					; f010741e80
	sbb bh, dl										; 18d7
	and dh, ch										; 20ee
	lock sub byte [data], cl						; f0280d00700000
	xor byte [edi], al								; 3007
	cmp byte [ebx*8+edx+later], bh					; 38bcdaa58f0000
	mov al, [0x1234]								; a034120000
	movzx bx, dh									; 660fb6de
	movsx bp, bl									; 660fbeeb
	movnti [fs:ecx*5], edi							; 640fc33c89
	lea sp, [esi+ebp*8-128]							; 668d64ee80
	xchg ax, di										; 6697
	xadd bh, bl										; 0fc0df
	lock cmpxchg byte [fs:edx+edi*8-129], cl		; f0640fb08cfa7fffffff
	cmpxchg8b [eax*1+0x1234]						; 0fc78834120000
	bswap ebp										; 0fcd
	inc cx											; 6641
	dec ax											; 6648
	not byte [eax+ecx*1+5]							; f6540805
	lock neg byte [ecx+ebp*4-5]						; f0f65ca9fb
	mul byte [edi*2+edx-129]						; f6a47a7fffffff
	div byte [fs:ebp+eax*2+128]						; 64f6b44580000000
	idiv ah											; f6fc
	imul byte [ecx+127]								; f6697f
	test byte [edi+ecx*4+128], ch					; 84ac8f80000000
	rol dl, 1										; d0c2
	ror bh, 1										; d0cf
	rcl ah, 1										; d0d4
	rcr byte [ebp+later], 1							; d09da58f0000
	shl byte [gs:later], 1							; 65d025a58f0000
	sal byte [eax+edx*8+128], 1						; d0a4d080000000
	shr al, 1										; d0e8
	sar ah, 1										; d0fc
	shld bp, bx, 0x80								; 660fa4dd80
	shrd word [edx-129], dx, 0x0					; 660fac927fffffff00
	bt dx, di										; 660fa3fa
	bts dx, sp										; 660fabe2
	lock btr word [edi*8+ebp], bx					; f0660fb35cfd00
	btc ax, ax										; 660fbbc0
	bsf si, dx										; 660fbcf2
	bsr ax, word [0x1234]							; 660fbd0534120000
	popcnt bx, bx									; 66f30fb8db
	cbw												; 6698
	cwde											; 98
	cwd												; 6699
	cdq												; 99
	push si											; 6656
	pop dx											; 665a
	pushf											; 9c
	popf											; 9d
	lahf											; 9f
	sahf											; 9e
	call near $										; e8fbffffff
	jmp $											; ebfe
	jo $											; 70fe
	jno $+5											; 7103
	jb $+5											; 7203
	jc $+5											; 7203
	jnae $+5										; 7203
	jae $+5											; 7303
	jnb $											; 73fe
	jnc $											; 73fe
	je $											; 74fe
	jz $											; 74fe
	jne $+5											; 7503
	jnz $											; 75fe
	jbe $											; 76fe
	jna $											; 76fe
	ja $											; 77fe
	jnbe $+5										; 7703
	js $											; 78fe
	jns $+5											; 7903
	jp $+5											; 7a03
	jpe $+5											; 7a03
	jnp $+5											; 7b03
	jpo $											; 7bfe
	jl $+5											; 7c03
	jnge $											; 7cfe
	jge $											; 7dfe
	jnl $+5											; 7d03
	jle $											; 7efe
	jng $+5											; 7e03
	jg $											; 7ffe
	jnle $											; 7ffe
	seto al											; 0f90c0
	setno al										; 0f91c0
	setb byte [eax*8+edi+later]						; 0f9284c7a58f0000
	setc ch											; 0f92c5
	setnae byte [ecx+edx*8-5]						; 0f9244d1fb
	setae ah										; 0f93c4
	setnb byte [data]								; 0f930500700000
	setnc byte [edx*4+ebp+later]					; 0f938495a58f0000
	sete byte [gs:ecx+5]							; 650f944105
	setz byte [ecx+ebp*4+0x1234]					; 0f9484a934120000
	setne cl										; 0f95c1
	setnz byte [gs:later]							; 650f9505a58f0000
	setbe dh										; 0f96c6
	setna byte [gs:edx-129]							; 650f96827fffffff
	seta byte [gs:ebp+ebp*2]						; 650f97446d00
	setnbe byte [edx+edi*8+128]						; 0f9784fa80000000
	sets byte [ebp+edi*2+5]							; 0f98447d05
	setns byte [edx+later]							; 0f9982a58f0000
	setp byte [ebp+edx*2+later]						; 0f9a8455a58f0000
	setpe ah										; 0f9ac4
	setnp byte [gs:ebx*8+ecx+5]						; 650f9b44d905
	setpo ah										; 0f9bc4
	setl byte [ecx]									; 0f9c01
	setnge bh										; 0f9cc7
	setge dh										; 0f9dc6
	setnl byte [fs:eax*2+edi+127]					; 640f9d44477f
	setle al										; 0f9ec0
	setng byte [esi+ebx*2+later]					; 0f9e845ea58f0000
	setg byte [gs:later]							; 650f9f05a58f0000
	setnle dh										; 0f9fc6
	cmovo bx, word [gs:esp+esi*8+5]					; 65660f405cf405
	cmovno di, si									; 660f41fe
	cmovb dx, word [edi+ecx*1-128]					; 660f42540f80
	cmovc bx, bx									; 660f42db
	cmovnae bp, di									; 660f42ef
	cmovae bx, word [fs:0x1234]						; 64660f431d34120000
	cmovnb bp, word [esi+5]							; 660f436e05
	cmovnc cx, word [fs:esp]						; 64660f430c24
	cmove sp, ax									; 660f44e0
	cmovz ax, si									; 660f44c6
	cmovne bp, word [ebx-128]						; 660f456b80
	cmovnz si, word [0x1234]						; 660f453534120000
	cmovbe bx, word [fs:ebp+esi*8+5]				; 64660f465cf505
	cmovna sp, word [gs:later]						; 65660f4625a58f0000
	cmova bx, si									; 660f47de
	cmovnbe sp, word [gs:esp]						; 65660f472424
	cmovs bp, sp									; 660f48ec
	cmovns bp, word [ebp+edx*4]						; 660f496c9500
	cmovp si, bp									; 660f4af5
	cmovpe dx, word [eax+ebx]						; 660f4a1418
	cmovnp sp, word [fs:data]						; 64660f4b2500700000
	cmovpo di, dx									; 660f4bfa
	cmovl bx, word [fs:ecx+later]					; 64660f4c99a58f0000
	cmovnge sp, bx									; 660f4ce3
	cmovge cx, word [ecx+esi*2]						; 660f4d0c71
	cmovnl dx, word [fs:data]						; 64660f4d1500700000
	cmovle di, dx									; 660f4efa
	cmovng ax, bp									; 660f4ec5
	cmovg di, word [ebp+esi*8-129]					; 660f4fbcf57fffffff
	cmovnle cx, bp									; 660f4fcd
	loop $											; e2fe
	loope $+5										; e103
	loopz $+5										; e103
	loopne $+5										; e003
	loopnz $										; e0fe
	ret												; c3
	retf											; cb
	iret											; cf
	iretd											; cf
	enter 0x1, 127									; c801007f
	leave											; c9
	int 127											; cd7f
	int3											; cc
	ud2												; 0f0b
	movsb											; a4
	movsw											; 66a5
	rep movsd										; f3a5
	cmpsb											; a6
	repne cmpsw										; f266a7
	cmpsd											; a7
	rep stosb										; f3aa
	rep stosw										; f366ab
	rep stosd										; f3ab
	rep lodsb										; f3ac
	rep lodsw										; f366ad
	lodsd											; ad
	repe scasb										; f3ae
	scasw											; 66af
	repne scasd										; f2af
	insb											; 6c
	rep insw										; f3666d
	rep insd										; f36d
	rep outsb										; f36e
	rep outsw										; f3666f
	outsd											; 6f
	xlatb											; d7
	in al, 0x0										; e400
	out 0x80, al									; e680
	nop												; 90
	pause											; f390
	hlt												; f4
	cmc												; f5
	clc												; f8
	stc												; f9
	cli												; fa
	sti												; fb
	cld												; fc
	std												; fd
	cpuid											; 0fa2
	rdtsc											; 0f31
	rdtscp											; 0f01f9
	rdpmc											; 0f33
	rdmsr											; 0f32
	wrmsr											; 0f30
	rdrand cx										; 660fc7f1
	rdseed bx										; 660fc7fb
	syscall											; 0f05
	sysret											; 0f07
	sysenter										; 0f34
	sysexit											; 0f35
	vmcall											; 0f01c1
	vmmcall											; 0f01d9
	xgetbv											; 0f01d0
	xsetbv											; 0f01d1
	clac											; 0f01ca
	stac											; 0f01cb
	clts											; 0f06
	invd											; 0f08
	wbinvd											; 0f09
	invlpg [gs:ecx+edx+5]							; 650f017c1105
	lgdt [gs:later]									; 650f0115a58f0000
	lidt [eax*1+5]									; 0f015805
	sgdt [gs:edi+eax]								; 650f010407
	sidt [gs:eax*8+ecx-129]							; 650f018cc17fffffff
	lldt word [gs:ecx*1+esi-129]					; 650f00940e7fffffff
	ltr word [eax*8]								; 0f001cc500000000
	lmsw word [edx]									; 0f0132
	endbr64											; f30f1efa
	lfence											; 0faee8
	mfence											; 0faef0
	sfence											; 0faef8
	clflush [edi+edx-5]								; 0fae7c17fb
	prefetchnta [gs:edi*8]							; 650f1804fd00000000
	prefetcht0 [eax*1+eax]							; 0f180c00
	prefetcht1 [gs:ecx+esi*4+later]					; 650f1894b1a58f0000
	prefetcht2 [fs:eax-129]							; 640f18987fffffff
	fxsave [fs:edx+edx-129]							; 640fae84127fffffff
	fxrstor [gs:edi*9-129]							; 650fae8cff7fffffff
	ldmxcsr dword [ebp]								; 0fae5500
	stmxcsr dword [gs:esi*2+esp+5]					; 650fae5c7405
	fninit											; dbe3
	movd xmm6, esi									; 660f6ef6
	movq xmm3, xmm4									; f30f7edc
	movdqa xmm0, [esp+edx*2]						; 660f6f0454
	movdqu xmm4, xmm7								; f30f6fe7
	movaps xmm5, oword [ebx+eax*8-5]				; 0f286cc3fb
	movups xmm7, xmm4								; 0f10fc
	movntdq oword [ecx+ebp*1-129], xmm4				; 660fe7a4297fffffff
	paddb xmm5, oword [edx]							; 660ffc2a
	paddw xmm4, oword [ebx+eax*8+5]					; 660ffd64c305
	paddd xmm5, xmm5								; 660ffeed
	paddq xmm7, xmm2								; 660fd4fa
	psubd xmm5, [fs:eax+ebx*8]						; 64660ffa2cd8
	psubq xmm3, oword [0x1234]						; 660ffb1d34120000
	pand xmm2, [eax*1+ecx-128]						; 660fdb540180
	pandn xmm0, oword [esi+ecx*1]					; 660fdf040e
	por xmm3, xmm6									; 660febde
	pxor xmm2, [eax*4+edx-5]						; 660fef5482fb
	pcmpeqb xmm5, oword [edi*1]						; 660f742f
	pcmpeqd xmm2, [edi+ecx*8+127]					; 660f7654cf7f
	pmovmskb ebp, xmm5								; 660fd7ed
	pshufd xmm4, [edx-5], 0							; 660f7062fb00
	punpcklqdq xmm3, xmm2							; 660f6cda

	bits 64
	mov ecx, [rax*2]								; 8b0c00
	mov ecx, [rbp*2]								; 8b4c2d00
	mov ecx, [rax*1]								; 8b08
	mov ecx, [rbp+rax]								; 8b4c0500
	mov ecx, [rsp+rax]								; 8b0c04
	mov ecx, [rax+rsp]								; 8b0c04
	mov ecx, [rax*4]								; 8b0c8500000000
	mov ecx, [r13]									; 418b4d00
	mov ecx, [r12]									; 418b0c24
	mov ecx, [r13+rax]								; 418b4c0500
	mov ecx, [rax*3]								; 8b0c40
	mov ecx, [rax*5+7]								; 8b4c8007
	mov ecx, [rax+rbx*1]							; 8b0c18
	mov ecx, [rax*1+rbx]							; 8b0c03
	mov ecx, [rax*8+rbx-0x12345]					; 8b8cc3bbdcfeff
	mov ecx, [eax+4]								; 678b4804
	mov ecx, [r8d]									; 67418b08
	mov ecx, [fs:0x10]								; 648b0c2510000000
	mov ecx, [gs:rax+data]							; 658b8800700000
	mov ecx, [data]									; 8b0df2f7ffff
	mov ecx, [rel later + 4]						; 8b0d95170000
	mov ecx, [abs data]								; 8b0c2500700000
	mov ecx, [rbx+later-data]						; 8b8ba51f0000
	cmp byte [data], 5								; 803dd8f7ffff05
	mov dword [later], 0x12345678					; c7057317000078563412
	imul ecx, [data], 1000							; 690dc4f7ffffe8030000
	mov rax, 1										; b801000000
	mov rax, -1										; 48c7c0ffffffff
	mov rax, 0xffffffff								; b8ffffffff
	mov rax, 0x80000000								; b800000080
	mov rax, 0x100000000							; 48b80000000001000000
	mov rax, data									; 48b80070000000000000
	mov eax, data									; b800700000
	add rax, 127									; 4883c07f
	add rax, 128									; 480580000000
	add eax, 0xffffff80								; 83c080
	add ax, 0xff80									; 6683c080
	add al, 0x80									; 0480
	and rax, ~0xfff									; 482500f0ffff
	push data										; 6800700000
	push word 0x1234								; 66683412
	push qword -1									; 6aff
	shl eax, 1										; d1e0
	shl eax, 2										; c1e002
	lea rdi, [data]									; 488d3d65f7ffff
	o64 sysret										; 480f07
	o32 lgdt [rax]									; 0f0110
	lock inc qword [rax]							; f048ff00
	lock xadd [rax], r15							; f04c0fc138
	rep movsq										; f348a5
	repne scasb										; f2ae
	times 3 add r15, r14							; 4d01f74d01f74d01f7
	mov word [rax], 'ab'							; 66c7006162
	mov spl, 5										; 40b405
	mov ah, 5										; b405
	mov r8b, al										; 4188c0
	call [rax]										; ff10
	jmp [rel data]									; ff2533f7ffff
	jmp short $										; ebfe
	jmp near $										; e9fbffffff
	jz $+100										; 7462
	jz $+1000										; 0f84e2030000
	loop $											; e2fe
	jrcxz $											; e3fe
	add byte [rel data], bl							; 001d1af7ffff
	add dl, r10b									; 4400d2
	or r15b, r11b									; 4508df
	or byte [r13+rdi*2-128], r8b					; 4508447d80
	adc r8b, bl										; 4110d8
	adc byte [abs 0x1234], spl						; 4010242534120000
	sbb bpl, r13b									; 4418ed
	sbb byte [rdx-129], r13b						; 4418aa7fffffff
	and byte [gs:rcx+128], r11b						; 6544209980000000
	and bpl, r9b									; 4420cd
	sub al, sil										; 4028f0
	lock sub byte [rcx+r12+later], r12b				; f04628a421a58f0000
	xor byte [rdi+128], al							; 308780000000
	xor r9b, r9b									; 4530c9
	cmp bl, bh										; 38fb
	cmp byte [fs:r14*1+rsp+later], r9b				; 6446388c34a58f0000
	add word [fs:r9], r14w							; 6466450131
	add di, r10w									; 664401d7
	add dword [r9d-5], ecx							; 67410149fb
	add edx, r11d									; 4401da
	add qword [rbx+rdi*2+128], r13					; 4c01ac7b80000000
	add rsi, r8										; 4c01c6
	or word [rbx], r8w								; 66440903
	or r15w, r12w									; 664509e7
	or dword [r12+rdi-128], r10d					; 4509543c80
	or esi, r13d									; 4409ee
	or rbx, r11										; 4c09db
	or qword [gs:rax+rax*4-128], rax				; 654809448080
	adc bx, ax										; 6611c3
	adc word [r8+later], sp							; 664111a0a58f0000
	lock adc dword [abs 0x1234], eax				; f011042534120000
	adc r15d, r14d									; 4511f7
	lock adc qword [r10+rdi*4+later], r8			; f04d1184baa58f0000
	adc rbx, rdx									; 4811d3
	sbb r14w, r12w									; 664519e6
	sbb word [rdi+rcx*2-5], bp						; 66196c4ffb
	sbb dword [rdx-129], edi						; 19ba7fffffff
	sbb r12d, ebp									; 4119ec
	sbb r9, r12										; 4d19e1
	sbb qword [r12d+128], rdx						; 674919942480000000
	lock and word [r9+r11*2-129], r13w				; f0664721ac597fffffff
	and di, r12w									; 664421e7
	and dword [abs 0x1234], r8d						; 4421042534120000
	and edi, r9d									; 4421cf
	and r12, r9										; 4d21cc
	and qword [rel data+8], rax						; 4821053ff6ffff
	sub word [r9*1+rbp], r8w						; 664629440d00
	sub r13w, r11w									; 664529dd
	lock sub dword [rcx*8+127], ebx					; f0291ccd7f000000
	sub r11d, edx									; 4129d3
	sub qword [gs:r8-5], rdx						; 65492950fb
	sub r8, rbp										; 4929e8
	xor word [gs:rbp], r11w							; 656644315d00
	xor r9w, sp										; 664131e1
	xor r15d, r15d									; 4531ff
	xor dword [rel data], esp						; 312507f6ffff
	xor rbx, r13									; 4c31eb
	xor qword [r12+rsi-129], rax					; 493184347fffffff
	cmp cx, r8w										; 664439c1
	cmp word [r11+later], r9w						; 6645398ba58f0000
	cmp edx, ecx									; 39ca
	cmp dword [r13*8+r15], esi						; 433934ef
	cmp qword [rel later], rdi						; 48393d88150000
	cmp rax, rax									; 4839c0
	add bl, byte [r11+r10*2+5]						; 43025c5305
	add dil, r12b									; 4400e7
	or cl, byte [rcx]								; 0a09
	or r10b, bpl									; 4108ea
	adc dh, ch										; 10ee
	adc ah, byte [fs:ecx*4+edx-128]					; 646712648a80
	sbb r14b, byte [r13+r11*2+later]				; 471ab45da58f0000
	sbb r12b, bpl									; 4118ec
	and dil, byte [rbx]								; 40223b
	and bh, cl										; 20cf
	sub cl, r14b									; 4428f1
	sub bl, byte [r11*2+rbx-5]						; 422a5c5bfb
	xor r10b, byte [gs:rdi+r11*4]					; 654632149f
	xor dil, r14b									; 4430f7
	cmp spl, byte [rbp*9]							; 403a64ed00
	cmp r12b, r11b									; 4538dc
	add sp, word [r13d*1+esi]						; 66674203242e
	add di, r12w									; 664401e7
	add r10d, r10d									; 4501d2
	add r10d, dword [r11d+esi-5]					; 6745035433fb
	add r14, qword [rdx+r9*4+5]						; 4e03748a05
	add r15, rbp									; 4901ef
	or r8w, word [rbx]								; 66440b03
	or bx, cx										; 6609cb
	or esp, dword [rel later]						; 0b2520150000
	or esp, r8d										; 4409c4
	or rax, qword [r15]								; 490b07
	or rdx, rsi										; 4809f2
	adc sp, word [rsp+128]							; 6613a42480000000
	adc r10w, r8w									; 664511c2
	adc r15d, dword [gs:r8-129]						; 654513b87fffffff
	adc r11d, edi									; 4111fb
	adc r12, qword [rsi*2+rcx]						; 4c132471
	adc rsi, rax									; 4811c6
	sbb bx, word [rel later]						; 661b1df2140000
	sbb cx, r12w									; 664419e1
	sbb r13d, dword [r8*1+rax-5]					; 461b6c00fb
	sbb r14d, esp									; 4119e6
	sbb r9, qword [r9d+5]							; 674d1b4905
	sbb r13, r12									; 4d19e5
	and r10w, word [rcx+rdi*8]						; 66442314f9
	and r13w, di									; 664121fd
	and esp, dword [fs:r15+rdx*4+128]				; 644123a49780000000
	and eax, r8d									; 4421c0
	and r12, qword [rcx+rcx*8+later]				; 4c23a4c9a58f0000
	and rdx, r8										; 4c21c2
	sub r10w, di									; 664129fa
	sub r11w, word [r11d+esi*2]						; 6667452b1c73
	sub r11d, ebp									; 4129eb
	sub esp, dword [r10d]							; 67412b22
	sub r12, r13									; 4d29ec
	sub rbx, qword [gs:r9+128]						; 65492b9980000000
	xor r14w, word [r14d]							; 6667453336
	xor r14w, r15w									; 664531fe
	xor edx, r13d									; 4431ea
	xor r9d, dword [rcx*4+r11-128]					; 45334c8b80
	xor r13, qword [fs:rsi*1-128]					; 644c336e80
	xor rsi, rdx									; 4831d6
	cmp dx, word [rbx]								; 663b13
	cmp r15w, ax									; 664139c7
	cmp edi, dword [r10d+r12d*8+127]				; 67433b7ce27f
	cmp ebx, edx									; 39d3
	cmp rax, rdx									; 4839d0
	cmp rsi, qword [rcx*9+128]						; 483bb4c980000000
	add al, 0x5										; 0405
	or al, 0x0										; 0c00
	adc al, 5										; 1405
	sbb al, -0x1									; 1cff
	and al, 0										; 2400
	sub al, -0x80									; 2c80
	xor al, 1										; 3401
	cmp al, -0x80									; 3c80
	add ah, 0x80									; 80c480
	add byte [r11+r10*2+5], 0xff					; 4380445305ff
	or al, 1										; 0c01
	or byte [rel later], -0x1						; 800d4d140000ff
	lock adc byte [rsi+rcx*2-5], 0x80				; f080544efb80
	adc bh, 255										; 80d7ff
	sbb byte [fs:r9+rsi*2-5], 0x5					; 6441805c71fb05
	sbb dil, 1										; 4080df01
	and r13b, 0x7f									; 4180e57f
	and byte [rbx], 0xff							; 8023ff
	sub r9b, 1										; 4180e901
	sub byte [rbx+rax*4+later], -0x1				; 80ac83a58f0000ff
	xor r11b, 255									; 4180f3ff
	xor byte [rcx+rbx*8], 5							; 8034d905
	cmp r11b, 0x5									; 4180fb05
	cmp byte [rcx+later], -128						; 80b9a58f000080
	add r12w, -128									; 664183c480
	lock add word [rel data], 0x7f					; f066830560f4ffff7f
	add r8d, 0										; 4183c000
	add dword [esi], 1								; 67830601
	add qword [rcx*5+128], 127						; 48838489800000007f
	add r14, -0x80									; 4983c680
	or r13w, -1										; 664183cdff
	or word [r11+rsi*2+5], 0x1						; 6641834c730501
	or eax, -1										; 83c8ff
	or dword [rcx*4+rsi], -1						; 830c8eff
	or rbp, -0x1									; 4883cdff
	or qword [rcx+127], 127							; 4883497f7f
	adc word [r9+rbx+0x1234], 0x5					; 66418394193412000005
	adc r14w, -128									; 664183d680
	adc dword [gs:r12*1-128], 0x1					; 65418354248001
	adc r13d, 5										; 4183d505
	adc qword [r13d*4+r13d-129], -1					; 674b8394ad7fffffffff
	adc r12, -0x1									; 4983d4ff
	sbb dx, 5										; 6683da05
	sbb word [rsi+rcx*8], 1							; 66831cce01
	sbb ebp, 1										; 83dd01
	lock sbb dword [rsi+0x1234], 1					; f0839e3412000001
	sbb qword [rbx*8+r11+127], 0x1					; 49835cdb7f01
	sbb rcx, 1										; 4883d901
	lock and word [gs:r12+127], 0x5					; f06566418364247f05
	and r15w, 0x1									; 664183e701
	and dword [rel later], -0x1						; 832579130000ff
	and r14d, -0x80									; 4183e680
	and qword [rel data+8], 0x7f					; 488325d0f3ffff7f
	and r9, 0x5										; 4983e105
	sub di, 0x0										; 6683ef00
	sub word [r12d+128], -1							; 66674183ac2480000000ff
	sub dword [gs:r9*2+0x1234], 0x5					; 654383ac093412000005
	sub eax, -0x80									; 83e880
	sub qword [rsp+5], 0x1							; 48836c240501
	sub rax, 0x7f									; 4883e87f
	xor r10w, 1										; 664183f201
	lock xor word [rcx+rcx*8-129], 0				; f06683b4c97fffffff00
	xor dword [rsi+r9*1+0x1234], 1					; 4283b40e3412000001
	xor r8d, -128									; 4183f080
	lock xor qword [esp-128], 1						; f067488374248001
	xor r11, -0x1									; 4983f3ff
	cmp sp, 1										; 6683fc01
	cmp word [gs:ecx+r15d*2], -0x1					; 65666742833c79ff
	cmp dword [rsp+rbx*8-129], -128					; 83bcdc7fffffff80
	cmp r12d, 127									; 4183fc7f
	cmp qword [rsi-129], 0x0						; 4883be7fffffff00
	cmp r9, 5										; 4983f905
	add ax, 0x7fff									; 6605ff7f
	add eax, -0x8000								; 050080ffff
	add rax, 0										; 4883c000
	or ax, 0										; 6683c800
	or eax, 0x80									; 0d80000000
	or rax, -0x81									; 480d7fffffff
	adc ax, 0x7fff									; 6615ff7f
	adc eax, 0x80									; 1580000000
	adc rax, 0x12345678								; 481578563412
	sbb ax, 0x1										; 6683d801
	sbb eax, 0x1									; 83d801
	sbb rax, 0x0									; 4883d800
	and ax, 0x5										; 6683e005
	and eax, -0x80000000							; 2500000080
	and rax, 0										; 4883e000
	sub ax, -128									; 6683e880
	sub eax, -128									; 83e880
	sub rax, -0x80									; 4883e880
	xor ax, 0										; 6683f000
	xor eax, -1										; 83f0ff
	xor rax, 0x5									; 4883f005
	cmp ax, -0x8000									; 663d0080
	cmp eax, 0x80000000								; 3d00000080
	cmp rax, -0x80000000							; 483d00000080
	add word [rax-128], 127							; 668340807f
	add r10w, 0x80									; 664181c28000
	add ebx, 4294967295								; 83c3ff
	add dword [gs:rdx+rsi*2-128], 0x7fff			; 6581447280ff7f0000
	add qword [r14d+ebp*4+5], 2147483647			; 67498144ae05ffffff7f
	add r14, 0x5									; 4983c605
	or r12w, 0x80									; 664181cc8000
	or word [rsi], 65408							; 66830e80
	lock or dword [rel later], 4660					; f0810d5512000034120000
	or ecx, 2147483647								; 81c9ffffff7f
	or rdi, 0										; 4883cf00
	lock or qword [r11+128], 0x5					; f049838b8000000005
	adc bp, -0x80									; 6683d580
	adc word [r12-5], 127							; 6641835424fb7f
	adc eax, 1										; 83d001
	adc dword [abs 0x1234], 2147483647				; 81142534120000ffffff7f
	adc rdi, 128									; 4881d780000000
	adc qword [r15+rsi*8-5], 1						; 498354f7fb01
	sbb bp, 0x1234									; 6681dd3412
	sbb word [r10+rbx*2-129], -0x80					; 6641839c5a7fffffff80
	sbb r15d, 2147483648							; 4181df00000080
	lock sbb dword [gs:r15+rcx*2], 0x80000000		; f06541811c4f00000080
	sbb r12, 0x7fffffff								; 4981dcffffff7f
	lock sbb qword [gs:r14+later], 305419896		; f06549819ea58f000078563412
	and r14w, 0x5									; 664183e605
	and word [r14+127], -128						; 664183667f80
	and r13d, 127									; 4183e57f
	and dword [rax+r8*8-5], 0x80000000				; 428164c0fb00000080
	and rdi, 4660									; 4881e734120000
	lock and qword [ecx*2+r10d+5], -1				; f0674983644a05ff
	sub word [rsp-5], 65535							; 66836c24fbff
	sub di, 128										; 6681ef8000
	sub dword [gs:rsi*9], 0							; 65832cf600
	sub r15d, 0x0									; 4183ef00
	sub qword [esi+127], -32768						; 6748816e7f0080ffff
	sub rax, 0x7fff									; 482dff7f0000
	lock xor word [abs 0x1234], 65535				; f06683342534120000ff
	xor di, 0										; 6683f700
	xor edx, 128									; 81f280000000
	xor dword [ebp+127], 4660						; 6781757f34120000
	lock xor qword [rel later], 4660				; f04881357611000034120000
	xor rsp, -0x1									; 4883f4ff
	cmp word [r15+r13*2], 0							; 6643833c6f00
	cmp r9w, -0x1									; 664183f9ff
	cmp dword [fs:r8+127], -128						; 644183787f80
	cmp r10d, 32767									; 4181faff7f0000
	cmp qword [rel later], 0						; 48833d5211000000
	cmp rbp, -0x8000								; 4881fd0080ffff
	mov bl, bh										; 88fb
	mov byte [gs:rdx*4+r14], cl						; 6541880c96
	mov word [rbx], cx								; 66890b
	mov dx, r10w									; 664489d2
	mov dword [abs 0x1234], r9d						; 44890c2534120000
	mov r13d, ebp									; 4189ed
	mov r12, r13									; 4d89ec
	mov qword [abs 0x1234], rdx						; 4889142534120000
	mov r12b, byte [r12+rsi*2-129]					; 458aa4747fffffff
	mov r15b, dil									; 4188ff
	mov ax, r15w									; 664489f8
	mov sp, word [fs:rsi+128]						; 64668ba680000000
	mov r13d, eax									; 4189c5
	mov edi, dword [rcx+r10*2]						; 428b3c51
	mov r10, qword [r12*8+r11+later]				; 4f8b94e3a58f0000
	mov r9, rdi										; 4989f9
	mov r13b, -0x1									; 41b5ff
	mov cx, 65535									; 66b9ffff
	mov esp, 32767									; bcff7f0000
	mov r10, 2147483647								; 41baffffff7f
	mov r9, -128									; 49c7c180ffffff
	mov r10, 1										; 41ba01000000
	mov byte [r14*4+0x1234], 0xff					; 42c604b534120000ff
	mov dl, 1										; b201
	mov r14w, -32768								; 6641be0080
	mov word [r15+later], 0x7f						; 6641c787a58f00007f00
	mov dword [rdx+r15*8], -2147483648				; 42c704fa00000080
	mov r13d, 128									; 41bd80000000
	mov qword [fs:rax+r12*2+0x1234], 5				; 644ac784603412000005000000
	mov r8, -1										; 49c7c0ffffffff
	mov word [rel data], es							; 8c05f8f0ffff
	mov r8w, es										; 66418cc0
	mov ebp, es										; 8cc5
	mov rbp, es										; 8cc5
	mov gs, word [r8+r13-5]							; 438e6c28fb
	mov ds, r14w									; 418ede
	mov ds, edx										; 8eda
	mov gs, r13										; 418eed
	mov rsp, cr3									; 0f20dc
	mov cr4, rbp									; 0f22e5
	mov rsi, dr6									; 0f21f6
	mov dr7, rdi									; 0f23ff
	movzx si, r11b									; 66410fb6f3
	movzx r13w, byte [r8+r15*2-129]					; 66470fb6ac787fffffff
	movzx r15d, byte [r12+rdx*8+128]				; 450fb6bcd480000000
	movzx ebx, r10b									; 410fb6da
	movzx r11, byte [rax+rcx*8+later]				; 4c0fb69cc8a58f0000
	movzx r15, r12b									; 4d0fb6fc
	movzx r8d, r12w									; 450fb7c4
	movzx r8d, word [rdx*2-128]						; 440fb7441280
	movzx rcx, word [rel data+8]					; 480fb70da4f0ffff
	movzx r8, bx									; 4c0fb7c3
	movsx sp, byte [rcx+r15*8-5]					; 66420fbe64f9fb
	movsx r13w, r15b								; 66450fbeef
	movsx eax, byte [gs:rcx*8+r11+5]				; 65410fbe44cb05
	movsx r9d, r11b									; 450fbecb
	movsx r12, byte [rdx*9-129]						; 4c0fbea4d27fffffff
	movsx rcx, dl									; 480fbeca
	movsx r9d, bp									; 440fbfcd
	movsx esp, word [r10+rbp*2+127]					; 410fbf646a7f
	movsx rdi, word [ebp-5]							; 67480fbf7dfb
	movsx rbp, bx									; 480fbfeb
	movsxd r11, ebx									; 4c63db
	movsxd rsp, dword [r10*1+rbp+0x1234]			; 4a63a41534120000
	movnti [rel later], r15d						; 440fc33df20f0000
	movnti qword [gs:r11d+5], rsi					; 6567490fc37305
	lea si, [gs:r13d]								; 656667418d7500
	lea eax, [rdi]									; 8d07
	lea rbx, [rcx*8+r8]								; 498d1cc8
	xchg ax, dx										; 6692
	xchg eax, r8d									; 4190
	xchg rax, r10									; 4992
	xchg ax, ax										; 6690
	xchg r13d, eax									; 4195
	xchg r11, rax									; 4993
	xchg al, byte [r8*4+rbx-5]						; 42864483fb
	xchg ah, al										; 86e0
	xchg ax, word [r11+r11*2+5]						; 664387445b05
	xchg sp, bx										; 6687e3
	xchg ebp, ebx									; 87eb
	xchg r15d, dword [fs:r13+rdi*1-5]				; 6445877c3dfb
	xchg r11, rdx									; 4c87da
	xchg r15, qword [rcx-5]							; 4c8779fb
	lock xchg byte [fs:rsi+5], r8b					; f06444864605
	xchg r10b, r13b									; 4586d5
	xchg word [esp+ebp*4-5], r13w					; 666744876cacfb
	xchg r9w, r11w									; 664587cb
	xchg r8d, r10d									; 4587c2
	xchg dword [rel data], r8d						; 448705f0efffff
	xchg r15, r8									; 4d87f8
	xchg qword [rbx], rbx							; 48871b
	xadd r13b, bpl									; 410fc0ed
	xadd byte [r13+0x1234], spl						; 410fc0a534120000
	xadd bx, bx										; 660fc1db
	xadd word [r11+rdx*4], r10w						; 66450fc11493
	lock xadd dword [fs:r9*4+later], r10d			; f064460fc1148da58f0000
	xadd edi, r8d									; 440fc1c7
	lock xadd qword [rbp+rcx*4+later], r8			; f04c0fc1848da58f0000
	xadd r8, r15									; 4d0fc1f8
	cmpxchg r14b, r9b								; 450fb0ce
	lock cmpxchg byte [rdi+r13*4-5], al				; f0420fb044affb
	cmpxchg r11w, r13w								; 66450fb1eb
	cmpxchg word [gs:rsi+r8*8+128], cx				; 6566420fb18cc680000000
	cmpxchg dword [r10*8-128], ebp					; 420fb12cd580ffffff
	cmpxchg ecx, edi								; 0fb1f9
	cmpxchg rbp, rcx								; 480fb1cd
	cmpxchg qword [rbx+0x1234], rbx					; 480fb19b34120000
	cmpxchg8b [r12d*2+r12d]							; 67430fc70c64
	cmpxchg16b [abs 0x1234]							; 480fc70c2534120000
	bswap esi										; 0fce
	bswap rsi										; 480fce
	inc r9b											; 41fec1
	lock inc byte [fs:rdx*1+later]					; f064fe82a58f0000
	lock inc word [r10*8+rbx-5]						; f06642ff44d3fb
	inc r13w										; 6641ffc5
	lock inc dword [rbx*8+rbp+128]					; f0ff84dd80000000
	inc esi											; ffc6
	inc r12											; 49ffc4
	inc qword [fs:r11+rbx*4]						; 6449ff049b
	lock dec byte [rel later]						; f0fe0de60e0000
	dec dil											; 40fecf
	lock dec word [r11*8+r14+0x1234]				; f06643ff8cde34120000
	dec r14w										; 6641ffce
	dec r11d										; 41ffcb
	dec dword [rel data+8]							; ff0d2fefffff
	dec qword [rbp*9]								; 48ff4ced00
	dec rbp											; 48ffcd
	lock not byte [rbx-129]							; f0f6937fffffff
	not ch											; f6d5
	neg byte [fs:r11*4+128]							; 6442f61c9d80000000
	neg bl											; f6db
	mul dh											; f6e6
	mul byte [fs:rbp+rax]							; 64f6640500
	div r14b										; 41f6f6
	div byte [eax+128]								; 67f6b080000000
	idiv dl											; f6fa
	idiv byte [r9+r8*4+5]							; 43f67c8105
	lock not word [eax*8-129]						; f06667f714c57fffffff
	not r15w										; 6641f7d7
	not dword [r14-128]								; 41f75680
	not ecx											; f7d1
	not rsi											; 48f7d6
	lock not qword [rax+r11*8-129]					; f04af794d87fffffff
	neg r12w										; 6641f7dc
	neg word [rdi+r11*1-5]							; 6642f75c1ffb
	neg r9d											; 41f7d9
	neg dword [rsp+0x1234]							; f79c2434120000
	neg rbx											; 48f7db
	neg qword [gs:rsi+rbx*2-128]					; 6548f75c5e80
	mul word [r12-128]								; 6641f7642480
	mul bx											; 66f7e3
	mul esi											; f7e6
	mul dword [fs:r14+rcx-5]						; 6441f7640efb
	mul r9											; 49f7e1
	mul qword [fs:r11+128]							; 6449f7a380000000
	div dx											; 66f7f2
	div word [rbx+rcx*1+0x1234]						; 66f7b40b34120000
	div r8d											; 41f7f0
	div dword [rbx-128]								; f77380
	div qword [rel data+8]							; 48f7358aeeffff
	div r12											; 49f7f4
	idiv word [rsp+rcx*1]							; 66f73c0c
	idiv r11w										; 6641f7fb
	idiv dword [fs:rbx-128]							; 64f77b80
	idiv r14d										; 41f7fe
	idiv r14										; 49f7fe
	idiv qword [r8*1+r12-128]						; 4bf77c0480
	imul byte [gs:esp+r14d*8-5]						; 656742f66cf4fb
	imul dil										; 40f6ef
	imul ax											; 66f7e8
	imul word [r14+rdx+127]							; 6641f76c167f
	imul r9d										; 41f7e9
	imul dword [rax*2-129]							; f7ac007fffffff
	imul qword [rbx]								; 48f72b
	imul rdi										; 48f7ef
	imul r10w, word [r13d+r9d+0x1234]				; 6667470faf940d34120000
	imul r13w, r14w									; 66450fafee
	imul r10d, r8d									; 450fafd0
	imul r10d, dword [fs:r13-5]						; 64450faf55fb
	imul r8, qword [fs:esi*5-129]					; 64674c0faf84b67fffffff
	imul r11, rsi									; 4c0fafde
	imul r12w, word [gs:rbp+r15*8], 0x0				; 6566466b64fd0000
	imul r12w, r13w, 1								; 66456be501
	imul r9d, dword [fs:rsp-128], -0x80				; 64446b4c248080
	imul r14d, edx, 0x1								; 446bf201
	imul rdx, qword [r15d*3+127], -128				; 674b6b547f7f80
	imul r13, r14, 0								; 4d6bee00
	imul r12w, word [rax*1+rdi+127], -0x81			; 66446964077f7fff
	imul dx, r9w, -0x1								; 66416bd1ff
	imul r11d, dword [r15*9+later], 2147483647		; 47699cffa58f0000ffffff7f
	imul r14d, r12d, 127							; 456bf47f
	imul r10, qword [r11*1+128], 127				; 4d6b93800000007f
	imul rax, rcx, -2147483648						; 4869c100000080
	imul r15w, 127									; 66456bff7f
	imul r11d, 0x0									; 456bdb00
	imul r10, 0x0									; 4d6bd200
	imul r8w, 0x80									; 664569c08000
	imul edx, 0x80000000							; 69d200000080
	imul r12, 1										; 4d6be401
	test byte [rax+rbx*8+0x1234], cl				; 848cd834120000
	test dil, bpl									; 4084ef
	test word [r10+rbx*2+0x1234], r14w				; 664585b45a34120000
	test dx, sp										; 6685e2
	test r9d, ecx									; 4185c9
	test dword [rbx*2+5], r9d						; 44854c1b05
	test rax, rcx									; 4885c8
	test qword [rel later], rsp						; 4885252d0d0000
	test r10b, byte [r14+r8*4+later]				; 47849486a58f0000
	test bp, [rsi*9]								; 66852cf6
	test eax, [ebp+r14d*1-129]						; 67428584357fffffff
	test r12, qword [edx]							; 674c8522
	test al, 128									; a880
	test ax, -1										; 66a9ffff
	test eax, 0x1									; a901000000
	test rax, 0x80									; 48a980000000
	test r10b, -1									; 41f6c2ff
	test byte [gs:rsp+128], 128						; 65f684248000000080
	test word [r14+r9*2+128], -0x8000				; 6643f7844e800000000080
	test dx, 1										; 66f7c20100
	test dword [rdi], 0xffffff80					; f70780ffffff
	test r15d, -128									; 41f7c780ffffff
	test rax, 0x80									; 48a980000000
	test qword [r13*4+128], 0x80					; 4af704ad8000000080000000
	rol byte [gs:r9+r12*2-5], 1						; 6543d04461fb
	rol r9b, 1										; 41d0c1
	ror byte [fs:r11+r13*2-128], 1					; 6443d04c6b80
	ror r10b, 1										; 41d0ca
	rcl r15b, 1										; 41d0d7
	rcl byte [rbp*1+rcx-5], 1						; d05429fb
	rcr sil, 1										; 40d0de
	rcr byte [rbp+rsi], 1							; d05c3500
	shl byte [gs:r10+0x1234], 1						; 6541d0a234120000
	shl r8b, 1										; 41d0e0
	sal byte [gs:r10*1-128], 1						; 6541d06280
	sal ch, 1										; d0e5
	shr byte [fs:rdx-128], 1						; 64d06a80
	shr r15b, 1										; 41d0ef
	sar byte [rax+r8*4-129], 1						; 42d0bc807fffffff
	sar dh, 1										; d0fe
	rol r9b, cl										; 41d2c1
	rol byte [r8*1+r10+0x1234], cl					; 43d2840234120000
	ror r10b, cl									; 41d2ca
	ror byte [r9+127], cl							; 41d2497f
	rcl spl, cl										; 40d2d4
	rcl byte [fs:r15+r10*2-129], cl					; 6443d294577fffffff
	rcr bh, cl										; d2df
	rcr byte [edi*2+esi], cl						; 67d21c7e
	shl byte [rsi], cl								; d226
	shl spl, cl										; 40d2e4
	sal byte [r12*2+rsp+0x1234], cl					; 42d2a46434120000
	sal r15b, cl									; 41d2e7
	shr r10b, cl									; 41d2ea
	shr byte [rsi*2+r15-129], cl					; 41d2ac777fffffff
	sar byte [rbx+r10*2-5], cl						; 42d27c53fb
	sar r11b, cl									; 41d2fb
	rol byte [rel data+8], 255						; c00599ecffffff
	rol bpl, 1										; 40d0c5
	ror spl, 0x0									; 40c0cc00
	ror byte [r11+rbx*4+5], 0xff					; 41c04c9b05ff
	rcl byte [r10+rdx*8-5], 0x5						; 41c054d2fb05
	rcl cl, 255										; c0d1ff
	rcr byte [r8*4+5], 5							; 42c01c850500000005
	rcr ah, 0x1										; d0dc
	shl byte [r10+0x1234], 255						; 41c0a234120000ff
	shl r13b, 0x7f									; 41c0e57f
	sal byte [r15+r13*8+128], 5						; 43c0a4ef8000000005
	sal bpl, 5										; 40c0e505
	shr byte [rbx+rbx*4-129], 1						; d0ac9b7fffffff
	shr al, 1										; d0e8
	sar byte [ecx+r8d+128], 0x7f					; 6742c0bc01800000007f
	sar dil, 5										; 40c0ff05
	rol word [r12+later], 1							; 6641d18424a58f0000
	rol r15w, 1										; 6641d1c7
	rol dword [r14d+later], 1						; 6741d186a58f0000
	rol r10d, 1										; 41d1c2
	rol qword [esp+eax*4-129], 1					; 6748d184847fffffff
	rol r14, 1										; 49d1c6
	ror word [r9*4+r14+0x1234], 1					; 6643d18c8e34120000
	ror ax, 1										; 66d1c8
	ror dword [rbp*8+r9-128], 1						; 41d14ce980
	ror r11d, 1										; 41d1cb
	ror rbx, 1										; 48d1cb
	ror qword [rsp+127], 1							; 48d14c247f
	rcl ax, 1										; 66d1d0
	rcl word [edi+ebx+128], 1						; 6667d1941f80000000
	rcl dword [fs:rax+0x1234], 1					; 64d19034120000
	rcl r8d, 1										; 41d1d0
	rcl qword [gs:r8-128], 1						; 6549d15080
	rcl rcx, 1										; 48d1d1
	rcr word [rbx+r10-129], 1						; 6642d19c137fffffff
	rcr bx, 1										; 66d1db
	rcr edx, 1										; d1da
	rcr dword [r8+r10*8+5], 1						; 43d15cd005
	rcr qword [rdx+rax*1-5], 1						; 48d15c02fb
	rcr r8, 1										; 49d1d8
	shl bx, 1										; 66d1e3
	shl word [rdi*2+rbx-5], 1						; 66d1647bfb
	shl ebx, 1										; d1e3
	shl dword [r10+r12*8+5], 1						; 43d164e205
	shl rbx, 1										; 48d1e3
	shl qword [edx+edi*4], 1						; 6748d124ba
	sal word [r15+r12*2-129], 1						; 6643d1a4677fffffff
	sal di, 1										; 66d1e7
	sal r12d, 1										; 41d1e4
	sal dword [rsi+rdi*4+5], 1						; d164be05
	sal qword [rel data], 1							; 48d12596ebffff
	sal rax, 1										; 48d1e0
	shr word [rcx+r9], 1							; 6642d12c09
	shr ax, 1										; 66d1e8
	shr dword [fs:rbp+rax*1+later], 1				; 64d1ac05a58f0000
	shr ebp, 1										; d1ed
	shr r10, 1										; 49d1ea
	shr qword [rsi], 1								; 48d12e
	sar r13w, 1										; 6641d1fd
	sar word [rdi-128], 1							; 66d17f80
	sar dword [fs:r9], 1							; 6441d139
	sar esp, 1										; d1fc
	sar qword [fs:r12+rdi*4-128], 1					; 6449d17cbc80
	sar r10, 1										; 49d1fa
	rol word [ecx+r9d*2-129], cl					; 666742d384497fffffff
	rol r8w, cl										; 6641d3c0
	rol esi, cl										; d3c6
	rol dword [r13d+r8d*4+5], cl					; 6743d3448505
	rol rsp, cl										; 48d3c4
	rol qword [r15+r14*2], cl						; 4bd30477
	ror word [rbx*3+0x1234], cl						; 66d38c5b34120000
	ror si, cl										; 66d3ce
	ror dword [fs:r9*9], cl							; 6443d30cc9
	ror r14d, cl									; 41d3ce
	ror rsi, cl										; 48d3ce
	ror qword [rbx-128], cl							; 48d34b80
	rcl word [rbp-128], cl							; 66d35580
	rcl r8w, cl										; 6641d3d0
	rcl esp, cl										; d3d4
	rcl dword [gs:rbp+rsi*2+0x1234], cl				; 65d3947534120000
	rcl r12, cl										; 49d3d4
	rcl qword [rdx+rax-5], cl						; 48d35402fb
	rcr word [fs:rdi+r13*4+128], cl					; 646642d39caf80000000
	rcr r12w, cl									; 6641d3dc
	rcr dword [fs:rcx+r9*2+5], cl					; 6442d35c4905
	rcr r12d, cl									; 41d3dc
	rcr qword [r15+r13*8], cl						; 4bd31cef
	rcr r9, cl										; 49d3d9
	shl r15w, cl									; 6641d3e7
	shl word [r8*4+128], cl							; 6642d3248580000000
	shl dword [rel later], cl						; d325870a0000
	shl r10d, cl									; 41d3e2
	shl r13, cl										; 49d3e5
	shl qword [rel data], cl						; 48d325d5eaffff
	sal r12w, cl									; 6641d3e4
	sal word [fs:r10*1+rdi+later], cl				; 646642d3a417a58f0000
	sal dword [r9+r11*8], cl						; 43d324d9
	sal r15d, cl									; 41d3e7
	sal qword [rel later], cl						; 48d3255e0a0000
	sal rdi, cl										; 48d3e7
	shr word [fs:rcx+127], cl						; 6466d3697f
	shr bp, cl										; 66d3ed
	shr dword [rbx], cl								; d32b
	shr ebx, cl										; d3eb
	shr rcx, cl										; 48d3e9
	shr qword [fs:rsp], cl							; 6448d32c24
	sar word [rdx+r10*1+128], cl					; 6642d3bc1280000000
	sar cx, cl										; 66d3f9
	sar ecx, cl										; d3f9
	sar dword [rel data], cl						; d33d8eeaffff
	sar qword [rsp], cl								; 48d33c24
	sar r8, cl										; 49d3f8
	rol bx, 0x1										; 66d1c3
	rol word [fs:r13*1+rsi+5], 1					; 646642d1442e05
	rol ecx, 0x1									; d1c1
	rol dword [fs:r11*8+rcx-129], 0xff				; 6442c184d97fffffffff
	rol qword [gs:r15+rax*2+128], 0x0				; 6549c184478000000000
	rol r15, 0xff									; 49c1c7ff
	ror di, 0x80									; 66c1cf80
	ror word [rbx], 0x7f							; 66c10b7f
	ror r9d, 5										; 41c1c905
	ror dword [rel data+8], 0x0						; c10d58eaffff00
	ror qword [eax], 255							; 6748c108ff
	ror rbp, 1										; 48d1cd
	rcl r12w, 0x1									; 6641d1d4
	rcl word [rsp], 0								; 66c1142400
	rcl dword [r8+r14*8], 0x7f						; 43c114f07f
	rcl r11d, 0										; 41c1d300
	rcl qword [fs:r10d+ebp*4+later], 0x5			; 646749c194aaa58f000005
	rcl rbp, 5										; 48c1d505
	rcr word [r8+r9*1], 255							; 6643c11c08ff
	rcr bp, 0x1										; 66d1dd
	rcr dword [fs:rax*4+5], 0						; 64c11c850500000000
	rcr r8d, 0x0									; 41c1d800
	rcr qword [rel data+8], 128						; 48c11d11eaffff80
	rcr r11, 127									; 49c1db7f
	shl word [fs:r15+rdx*2], 0x7f					; 646641c124577f
	shl r12w, 0x7f									; 6641c1e47f
	shl dword [gs:r15*2+0x1234], 0x5				; 6543c1a43f3412000005
	shl r12d, 128									; 41c1e480
	shl qword [r8*1+0x1234], 255					; 49c1a034120000ff
	shl r15, 0x80									; 49c1e780
	sal di, 0xff									; 66c1e7ff
	sal word [gs:r15+r13*8], 0x1					; 656643d124ef
	sal dword [abs 0x1234], 127						; c12425341200007f
	sal esi, 128									; c1e680
	sal rdx, 255									; 48c1e2ff
	sal qword [r13*1+rcx+0x1234], 0x80				; 4ac1a4293412000080
	shr bp, 0										; 66c1ed00
	shr word [r13+rbp+0x1234], 0xff					; 6641c1ac2d34120000ff
	shr dword [r12*5-5], 255						; 43c16ca4fbff
	shr r11d, 0x5									; 41c1eb05
	shr rsp, 0x0									; 48c1ec00
	shr qword [rdi-129], 1							; 48d1af7fffffff
	sar word [gs:r9+rbp*2-129], 128					; 656641c1bc697fffffff80
	sar r15w, 5										; 6641c1ff05
	sar dword [rbp+r15], 5							; 42c17c3d0005
	sar edx, 0x7f									; c1fa7f
	sar qword [rdi+128], 0x80						; 48c1bf8000000080
	sar r15, 0xff									; 49c1ffff
	shld word [fs:r15d+127], si, 5					; 646667410fa4777f05
	shld r14w, dx, 0x5								; 66410fa4d605
	shld dword [gs:rbp+128], r12d, 0xff				; 65440fa4a580000000ff
	shld esp, r11d, 0x7f							; 440fa4dc7f
	shld qword [r8+r9*4+later], r13, 0x7f			; 4f0fa4ac88a58f00007f
	shld r12, rdx, 255								; 490fa4d4ff
	shld word [abs 0x1234], r13w, cl				; 66440fa52c2534120000
	shld bp, cx, cl									; 660fa5cd
	shld esi, r15d, cl								; 440fa5fe
	shld dword [fs:rsi+r14+0x1234], esp, cl			; 64420fa5a43634120000
	shld rcx, r14, cl								; 4c0fa5f1
	shld qword [gs:rcx+r13], r13, cl				; 654e0fa52c29
	shrd r11w, si, 0xff								; 66410facf3ff
	shrd word [r10+rbp*4+0x1234], r12w, 0x1			; 66450faca4aa3412000001
	shrd esp, r15d, 128								; 440facfc80
	shrd dword [gs:rdi+rdi*4-128], eax, 127			; 650fac44bf807f
	shrd qword [r8d+edi*8+127], rsp, 0x0			; 67490fac64f87f00
	shrd rdx, r9, 0x5								; 4c0facca05
	shrd sp, dx, cl									; 660fadd4
	shrd word [rcx+rcx+128], sp, cl					; 660fada40980000000
	shrd dword [rsp], esp, cl						; 0fad2424
	shrd ebp, r12d, cl								; 440fade5
	shrd qword [rsp+rsi*1+later], r8, cl			; 4c0fad8434a58f0000
	shrd rcx, rax, cl								; 480fadc1
	bt bp, bx										; 660fa3dd
	bt word [fs:rbx+rsi*2], r12w					; 6466440fa32473
	bt r15d, r11d									; 450fa3df
	bt dword [rax+r12*1+later], r11d				; 460fa39c20a58f0000
	bt qword [r13+r9*8+127], rcx					; 4b0fa34ccd7f
	bt rsi, rdi										; 480fa3fe
	lock bts word [r11d+ebx+127], dx				; f06667410fab541b7f
	bts dx, r14w									; 66440fabf2
	lock bts dword [rel later], esp					; f00fab2543080000
	bts r12d, r13d									; 450fabec
	bts r11, rsi									; 490fabf3
	bts qword [r8+rbp*8+later], r11					; 4d0fab9ce8a58f0000
	lock btr word [gs:edi*5-129], r9w				; f0656667440fb38cbf7fffffff
	btr cx, r13w									; 66440fb3e9
	btr r15d, r11d									; 450fb3df
	btr dword [r10+r10+128], edx					; 430fb3941280000000
	btr qword [rcx-5], r15							; 4c0fb379fb
	btr r14, rdi									; 490fb3fe
	lock btc word [fs:rdx+r15+5], r14w				; f06466460fbb743a05
	btc si, r9w										; 66440fbbce
	btc dword [fs:r10d*1+ecx-5], ecx				; 6467420fbb4c11fb
	btc ebp, r13d									; 440fbbed
	btc rcx, r8										; 4c0fbbc1
	lock btc qword [fs:rbx*4+r11+128], r10			; f0644d0fbb949b80000000
	bt r8w, 5										; 66410fbae005
	bt word [gs:r15+r13*4+5], 0x80					; 6566430fba64af0580
	bt r9d, 1										; 410fbae101
	bt dword [fs:rdi*8+0x1234], 128					; 640fba24fd3412000080
	bt rcx, 0x7f									; 480fbae17f
	bt qword [r11], 0x5								; 490fba2305
	bts word [r15+r10*2+later], 0x1					; 66430fbaac57a58f000001
	bts r12w, 1										; 66410fbaec01
	bts r14d, 127									; 410fbaee7f
	bts dword [r8*1+rsp+128], 0x80					; 420fbaac048000000080
	lock bts qword [r15d-5], 0						; f067490fba6ffb00
	bts r9, 0x7f									; 490fbae97f
	btr r12w, 0x7f									; 66410fbaf47f
	btr word [r8*8+r12], 0x7f						; 66430fba34c47f
	lock btr dword [gs:r10+r9*4], 0					; f065430fba348a00
	btr r15d, 1										; 410fbaf701
	btr rax, 0x1									; 480fbaf001
	btr qword [r9+0x1234], 0x5						; 490fbab13412000005
	btc r8w, 0x7f									; 66410fbaf87f
	lock btc word [fs:r13+rax*8+0x1234], 128		; f06466410fbabcc53412000080
	btc dword [rel data], 0xff						; 0fba3da4e7ffffff
	btc ecx, 1										; 0fbaf901
	btc rbp, 255									; 480fbafdff
	btc qword [rel data], 0							; 480fba3d92e7ffff00
	bsf r8w, word [rbx]								; 66440fbc03
	bsf si, si										; 660fbcf6
	bsf r15d, ebx									; 440fbcfb
	bsf r10d, dword [r14-5]							; 450fbc56fb
	bsf r15, r12									; 4d0fbcfc
	bsf rsi, qword [gs:rsi]							; 65480fbc36
	bsr r12w, word [gs:r8d+r9d-129]					; 656667470fbda4087fffffff
	bsr bp, bx										; 660fbdeb
	bsr ebx, dword [fs:r10+rbp*8]					; 64410fbd1cea
	bsr r14d, eax									; 440fbdf0
	bsr r8, rcx										; 4c0fbdc1
	bsr rbp, qword [abs 0x1234]						; 480fbd2c2534120000
	popcnt dx, r15w									; 66f3410fb8d7
	popcnt sp, word [fs:r15d*2+ecx-128]				; 646667f3420fb8647980
	popcnt r12d, ebx								; f3440fb8e3
	popcnt edi, dword [r9+r13*4+127]				; f3430fb87ca97f
	popcnt rcx, qword [abs 0x1234]					; f3480fb80c2534120000
	popcnt r9, r13									; f34d0fb8cd
	cbw												; 6698
	cwde											; 98
	cdqe											; 4898
	cwd												; 6699
	cdq												; 99
	cqo												; 4899
	push bx											; 6653
	push r10										; 4152
	push word [rax*8+r14]							; 6641ff34c6
	push r13w										; 664155
	push r13										; 4155
	push qword [fs:eax*8+128]						; 6467ff34c580000000
	push fs											; 0fa0
	push gs											; 0fa8
	push word 0x0									; 666a00
	push word 0xff80								; 666a80
	push 0x1										; 6a01
	push -2147483648								; 6800000080
	pop bx											; 665b
	pop r10											; 415a
	pop dx											; 665a
	pop word [fs:r15d+r9d*2+127]					; 646667438f444f7f
	pop qword [fs:ebx*8]							; 64678f04dd00000000
	pop r9											; 4159
	pop fs											; 0fa1
	pop gs											; 0fa9
	pushf											; 9c
	pushfq											; 9c
	popf											; 9d
	popfq											; 9d
	lahf											; 9f
	sahf											; 9e
	call near $										; e8fbffffff
	call qword [gs:rsp+r11*1-128]					; 6542ff541c80
	call r10										; 41ffd2
	jmp $											; ebfe
	jmp later										; e960060000
	jmp r10											; 41ffe2
	jo $											; 70fe
	jno $											; 71fe
	jb $+5											; 7203
	jc $+5											; 7203
	jnae $											; 72fe
	jae $+5											; 7303
	jnb $											; 73fe
	jnc $											; 73fe
	je $											; 74fe
	jz $+5											; 7403
	jne $											; 75fe
	jnz $											; 75fe
	jbe $+5											; 7603
	jna $											; 76fe
	ja $											; 77fe
	jnbe $											; 77fe
	js $+5											; 7803
	jns $+5											; 7903
	jp $											; 7afe
	jpe $+5											; 7a03
	jnp $+5											; 7b03
	jpo $+5											; 7b03
	jl $											; 7cfe
	jnge $											; 7cfe
	jge $											; 7dfe
	jnl $											; 7dfe
	jle $+5											; 7e03
	jng $											; 7efe
	jg $											; 7ffe
	jnle $+5										; 7f03
	jo later										; 0f801b060000
	jno later										; 0f8115060000
	jb later										; 0f820f060000
	jc near $										; 0f82faffffff
	jnae later										; 0f8203060000
	jae later										; 0f83fd050000
	jnb later										; 0f83f7050000
	jnc $											; 73fe
	je data											; 0f844ae6ffff
	jz data											; 0f8444e6ffff
	jne near $										; 0f85faffffff
	jnz near $										; 0f85faffffff
	jbe near $										; 0f86faffffff
	jna data										; 0f862ce6ffff
	ja $											; 77fe
	jnbe data										; 0f8724e6ffff
	js later										; 0f88c3050000
	jns near $										; 0f89faffffff
	jp $											; 7afe
	jpe later										; 0f8ab5050000
	jnp data										; 0f8b0ae6ffff
	jpo near $										; 0f8bfaffffff
	jl later										; 0f8ca3050000
	jnge $											; 7cfe
	jge data										; 0f8df6e5ffff
	jnl near $										; 0f8dfaffffff
	jle later										; 0f8e8f050000
	jng $											; 7efe
	jg $											; 7ffe
	jnle $											; 7ffe
	seto byte [fs:rax*8+later]						; 640f9004c5a58f0000
	setno r14b										; 410f91c6
	setb byte [gs:r9*2]								; 65430f920409
	setc byte [rel data+8]							; 0f9205d2e5ffff
	setnae spl										; 400f92c4
	setae sil										; 400f93c6
	setnb byte [rbp+r9*4+later]						; 420f93848da58f0000
	setnc byte [gs:rbp+0x1234]						; 650f938534120000
	sete dh											; 0f94c6
	setz r15b										; 410f94c7
	setne byte [abs 0x1234]							; 0f95042534120000
	setnz bl										; 0f95c3
	setbe byte [fs:r10-5]							; 64410f9642fb
	setna byte [r11d+later]							; 67410f9683a58f0000
	seta dh											; 0f97c6
	setnbe byte [fs:r10-128]						; 64410f974280
	sets byte [gs:r10*8+rbx-129]					; 65420f9884d37fffffff
	setns byte [r12+r15*8+0x1234]					; 430f9984fc34120000
	setp byte [r15-129]								; 410f9a877fffffff
	setpe byte [r9*1+r14-128]						; 430f9a440e80
	setnp cl										; 0f9bc1
	setpo spl										; 400f9bc4
	setl ah											; 0f9cc4
	setnge r9b										; 410f9cc1
	setge byte [rax+r13]							; 420f9d0428
	setnl r11b										; 410f9dc3
	setle byte [rel later]							; 0f9e05ed040000
	setng byte [r15d+r8d*1]							; 67430f9e0407
	setg r13b										; 410f9fc5
	setnle byte [gs:rbx+rsi*8+5]					; 650f9f44f305
	cmovo r10w, r11w								; 66450f40d3
	cmovo r11d, dword [r14+later]					; 450f409ea58f0000
	cmovo r10, r11									; 4d0f40d3
	cmovno r11w, word [gs:r11+127]					; 6566450f415b7f
	cmovno ebp, dword [rdi-5]						; 0f416ffb
	cmovno r12, qword [rel later]					; 4c0f4125b9040000
	cmovb r13w, word [fs:rbx+rcx*8+0x1234]			; 6466440f42accb34120000
	cmovb r10d, dword [r9+rcx*4+0x1234]				; 450f42948934120000
	cmovb rsi, qword [fs:rax+r15*8+5]				; 644a0f4274f805
	cmovc r8w, word [fs:r13-128]					; 6466450f424580
	cmovc eax, eax									; 0f42c0
	cmovc r14, qword [rax+r15]						; 4e0f423438
	cmovnae r15w, di								; 66440f42ff
	cmovnae r9d, dword [rel data+8]					; 440f420de5e4ffff
	cmovnae r9, rax									; 4c0f42c8
	cmovae r8w, r15w								; 66450f43c7
	cmovae ebp, dword [r13+rbx-129]					; 410f43ac1d7fffffff
	cmovae r11, r15									; 4d0f43df
	cmovnb bp, word [r12*9]							; 66430f432ce4
	cmovnb r14d, r14d								; 450f43f6
	cmovnb r13, rax									; 4c0f43e8
	cmovnc bp, cx									; 660f43e9
	cmovnc r9d, dword [rbp+r12*2+128]				; 460f438c6580000000
	cmovnc rbx, qword [rbx*8]						; 480f431cdd00000000
	cmove r11w, di									; 66440f44df
	cmove esp, r14d									; 410f44e6
	cmove rdi, rbx									; 480f44fb
	cmovz si, word [gs:rdi+rcx+5]					; 65660f44740f05
	cmovz edx, r8d									; 410f44d0
	cmovz r13, qword [rdi+r9+0x1234]				; 4e0f44ac0f34120000
	cmovne bx, word [rel data+8]					; 660f451d82e4ffff
	cmovne esp, dword [r8+r13*2+127]				; 430f4564687f
	cmovne rsi, rdi									; 480f45f7
	cmovnz r9w, word [r10+r11*4-5]					; 66470f454c9afb
	cmovnz ebp, dword [gs:rdi+r8*8+0x1234]			; 65420f45acc734120000
	cmovnz rdi, r12									; 490f45fc
	cmovbe r13w, word [r13d*4+ebx-129]				; 6667460f46acab7fffffff
	cmovbe edi, r13d								; 410f46fd
	cmovbe r14, qword [r9]							; 4d0f4631
	cmovna cx, word [rel data+8]					; 660f460d48e4ffff
	cmovna r12d, r10d								; 450f46e2
	cmovna r11, qword [rbx]							; 4c0f461b
	cmova r15w, ax									; 66440f47f8
	cmova edx, dword [fs:r13+r10*2-129]				; 64430f4794557fffffff
	cmova r13, qword [fs:rax+r11*4-129]				; 644e0f47ac987fffffff
	cmovnbe r15w, word [ebx+edi*2+later]			; 6667440f47bc7ba58f0000
	cmovnbe r8d, dword [rax]						; 440f4700
	cmovnbe rdi, qword [rbp+5]						; 480f477d05
	cmovs r13w, di									; 66440f48ef
	cmovs r11d, dword [rbp+r13*2+later]				; 460f489c6da58f0000
	cmovs r9, rdi									; 4c0f48cf
	cmovns sp, bp									; 660f49e5
	cmovns r15d, esi								; 440f49fe
	cmovns r12, rsi									; 4c0f49e6
	cmovp r10w, word [rbp*8+rdi-5]					; 66440f4a54effb
	cmovp r14d, edi									; 440f4af7
	cmovp rax, qword [r8+r12*8-128]					; 4b0f4a44e080
	cmovpe r15w, ax									; 66440f4af8
	cmovpe ebx, dword [r11d+r12d*2-128]				; 67430f4a5c6380
	cmovpe rsp, r8									; 490f4ae0
	cmovnp r13w, word [r11-128]						; 66450f4b6b80
	cmovnp edi, dword [rsp+rbp*2]					; 0f4b3c6c
	cmovnp rbp, qword [r10*8+rsp+later]				; 4a0f4bacd4a58f0000
	cmovpo r11w, cx									; 66440f4bd9
	cmovpo r11d, dword [rsp-128]					; 440f4b5c2480
	cmovpo rax, qword [r14+0x1234]					; 490f4b8634120000
	cmovl sp, r13w									; 66410f4ce5
	cmovl r13d, dword [rel later]					; 440f4c2d3e030000
	cmovl r8, qword [gs:r9*4+rbp-128]				; 654e0f4c448d80
	cmovnge di, word [fs:r13+r8*4-5]				; 6466430f4c7c85fb
	cmovnge ebp, r15d								; 410f4cef
	cmovnge r10, qword [rdx+r12*4]					; 4e0f4c14a2
	cmovge r14w, r13w								; 66450f4df5
	cmovge edx, edi									; 0f4dd7
	cmovge r14, qword [rcx+0x1234]					; 4c0f4db134120000
	cmovnl bx, sp									; 660f4ddc
	cmovnl r15d, dword [gs:rbx-128]					; 65440f4d7b80
	cmovnl rbx, qword [fs:r9+r13*2+0x1234]			; 644b0f4d9c6934120000
	cmovle r15w, r13w								; 66450f4efd
	cmovle r11d, eax								; 440f4ed8
	cmovle r13, qword [r13+rsi*2]					; 4d0f4e6c7500
	cmovng r10w, di									; 66440f4ed7
	cmovng r13d, esp								; 440f4eec
	cmovng rdi, qword [gs:rcx-5]					; 65480f4e79fb
	cmovg r11w, word [r9+r11*4+128]					; 66470f4f9c9980000000
	cmovg r15d, r9d									; 450f4ff9
	cmovg rax, rax									; 480f4fc0
	cmovnle r11w, word [rcx+rax*1+0x1234]			; 66440f4f9c0134120000
	cmovnle r8d, dword [rdx+r9*8-129]				; 460f4f84ca7fffffff
	cmovnle rdx, qword [rel later]					; 480f4f15b7020000
	loop $											; e2fe
	loope $											; e1fe
	loopz $+5										; e103
	loopne $+5										; e003
	loopnz $										; e0fe
	jrcxz $+5										; e303
	ret												; c3
	ret 127											; c27f00
	retf											; cb
	retf 5											; ca0500
	retfq											; 48cb
	iret											; cf
	iretd											; cf
	iretq											; 48cf
	enter 65408, 128								; c880ff80
	leave											; c9
	int 0x0											; cd00
	int3											; cc
	ud2												; 0f0b
	movsb											; a4
	rep movsw										; f366a5
	rep movsd										; f3a5
	rep movsq										; f348a5
	cmpsb											; a6
	cmpsw											; 66a7
	cmpsd											; a7
	cmpsq											; 48a7
	rep stosb										; f3aa
	stosw											; 66ab
	rep stosd										; f3ab
	stosq											; 48ab
	rep lodsb										; f3ac
	rep lodsw										; f366ad
	lodsd											; ad
	lodsq											; 48ad
	repe scasb										; f3ae
	scasw											; 66af
	scasd											; af
	scasq											; 48af
	insb											; 6c
	insw											; 666d
	insd											; 6d
	rep outsb										; f36e
	rep outsw										; f3666f
	rep outsd										; f36f
	xlatb											; d7
	in al, 0x7f										; e47f
	in ax, 255										; 66e5ff
	in eax, 0xff									; e5ff
	in al, dx										; ec
	in ax, dx										; 66ed
	in eax, dx										; ed
	out 0x0, al										; e600
	out 255, ax										; 66e7ff
	out 1, eax										; e701
	out dx, al										; ee
	out dx, ax										; 66ef
	out dx, eax										; ef
	nop												; 90
	pause											; f390
	hlt												; f4
	cmc												; f5
	clc												; f8
	stc												; f9
	cli												; fa
	sti												; fb
	cld												; fc
	std												; fd
	cpuid											; 0fa2
	rdtsc											; 0f31
	rdtscp											; 0f01f9
	rdpmc											; 0f33
	rdmsr											; 0f32
	wrmsr											; 0f30
	rdrand di										; 660fc7f7
	rdrand r10d										; 410fc7f2
	rdrand r14										; 490fc7f6
	rdseed si										; 660fc7fe
	rdseed r10d										; 410fc7fa
	rdseed r10										; 490fc7fa
	syscall											; 0f05
	sysret											; 0f07
	sysenter										; 0f34
	sysexit											; 0f35
	swapgs											; 0f01f8
	vmcall											; 0f01c1
	vmmcall											; 0f01d9
	xgetbv											; 0f01d0
	xsetbv											; 0f01d1
	clac											; 0f01ca
	stac											; 0f01cb
	clts											; 0f06
	invd											; 0f08
	wbinvd											; 0f09
	invlpg [rsi+r8*4+0x1234]						; 420f01bc8634120000
	lgdt [r10d*4+r13d+later]						; 67430f019495a58f0000
	lidt [gs:r13+r11*4]								; 65430f015c9d00
	sgdt [rel later]								; 0f0105d7010000
	sidt [r12-129]									; 410f018c247fffffff
	lldt r15w										; 410f00d7
	lldt word [fs:rbp+rsi*2]						; 640f00547500
	ltr r9w											; 410f00d9
	ltr word [r8+r12*4+0x1234]						; 430f009ca034120000
	lmsw word [rel later]							; 0f0135b0010000
	lmsw r8w										; 410f01f0
	endbr64											; f30f1efa
	lfence											; 0faee8
	mfence											; 0faef0
	sfence											; 0faef8
	clflush [r13*5+127]								; 430fae7cad7f
	prefetchnta [rcx+rax*4+later]					; 0f188481a58f0000
	prefetcht0 [r13+rsi*4-129]						; 410f188cb57fffffff
	prefetcht1 [edx+r15d*4+0x1234]					; 67420f1894ba34120000
	prefetcht2 [r11*8-5]							; 420f181cddfbffffff
	fxsave [r13+r13*2+5]							; 430fae446d05
	fxsave64 [rbx+rsi*2]							; 480fae0473
	fxrstor [rax+rdx*1-128]							; 0fae4c1080
	fxrstor64 [fs:r10*2+r8-129]						; 644b0fae8c507fffffff
	ldmxcsr dword [gs:r10+r8*2]						; 65430fae1442
	stmxcsr dword [ebp+eax*1-128]					; 670fae5c0580
	fninit											; dbe3
	movd xmm7, r9d									; 66410f6ef9
	movd xmm12, dword [rel data+8]					; 66440f6e25a2e1ffff
	movd ecx, xmm7									; 660f7ef9
	movd dword [gs:rcx+rbp*4+0x1234], xmm7			; 65660f7ebca934120000
	movq xmm13, xmm11								; f3450f7eeb
	movq xmm2, [gs:rax+5]							; 65f30f7e5005
	movq qword [r9+r12*2], xmm10					; 66470fd61461
	movq xmm12, r11									; 664d0f6ee3
	movq r13, xmm15									; 664d0f7efd
	movdqa xmm13, [esi+r8d*2+5]						; 6766460f6f6c4605
	movdqa xmm5, xmm6								; 660f6fee
	movdqa [rdi*8-129], xmm14						; 66440f7f34fd7fffffff
	movdqu xmm8, oword [r9-128]						; f3450f6f4180
	movdqu xmm2, xmm10								; f3410f6fd2
	movdqu [r9+r13*2+128], xmm3						; f3430f7f9c6980000000
	movaps xmm9, xmm14								; 450f28ce
	movaps xmm14, oword [abs 0x1234]				; 440f28342534120000
	movaps oword [gs:rax+r8*8-5], xmm8				; 65460f2944c0fb
	movups xmm1, xmm10								; 410f10ca
	movups xmm13, [fs:ebx+r10d*8+127]				; 6467460f106cd37f
	movups oword [rel data+8], xmm11				; 440f111d26e1ffff
	movntdq [rsp+rbx*2-128], xmm14					; 66440fe7745c80
	paddb xmm6, xmm7								; 660ffcf7
	paddb xmm13, [rbp+r9*2+127]						; 66460ffc6c4d7f
	paddw xmm3, xmm14								; 66410ffdde
	paddw xmm10, [rbx+r15*1-5]						; 66460ffd543bfb
	paddd xmm11, [fs:r14+rsi*4]						; 6466450ffe1cb6
	paddd xmm11, xmm14								; 66450ffede
	paddq xmm15, xmm12								; 66450fd4fc
	paddq xmm14, [r15+r15*8+0x1234]					; 66470fd4b4ff34120000
	psubd xmm6, oword [gs:r10+rdi*2-129]			; 6566410ffab47a7fffffff
	psubd xmm2, xmm1								; 660ffad1
	psubq xmm8, [rel later]							; 66440ffb0572000000
	psubq xmm10, xmm8								; 66450ffbd0
	pand xmm11, oword [rcx*1-128]					; 66440fdb5980
	pand xmm10, xmm0								; 66440fdbd0
	pandn xmm4, [r13d+edi*1-129]					; 6766410fdfa43d7fffffff
	pandn xmm4, xmm5								; 660fdfe5
	por xmm9, [r9*3+127]							; 66470feb4c497f
	por xmm9, xmm13									; 66450febcd
	pxor xmm1, [r15+r9*2]							; 66430fef0c4f
	pxor xmm14, xmm3								; 66440feff3
	pcmpeqb xmm2, xmm2								; 660f74d2
	pcmpeqb xmm1, oword [rbp*1+r13+later]			; 66410f748c2da58f0000
	pcmpeqd xmm10, xmm4								; 66440f76d4
	pcmpeqd xmm5, oword [abs 0x1234]				; 660f762c2534120000
	pmovmskb r8d, xmm11								; 66450fd7c3
	pshufd xmm5, xmm3, -0x80						; 660f70eb80
	pshufd xmm7, [abs 0x1234], 5					; 660f703c253412000005
	punpcklqdq xmm9, oword [fs:rdi-128]				; 6466440f6c4f80
	punpcklqdq xmm11, xmm2							; 66440f6cda

later:
