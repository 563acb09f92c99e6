	.file	"rust.cebe997107dec46e-cgu.0"
	.file	1 "tests/objects" "rust.rs"
	.section	xdp,"ax",@progbits
	.globl	drop_icmp
	.p2align	3
	.type	drop_icmp,@function
drop_icmp:
.Lfunc_begin0:
	.loc	1 62 0
	.cfi_sections .debug_frame
	.cfi_startproc
	r0 = 2
.Ltmp0:
.Ltmp1:
	.loc	1 64 15 prologue_end
.Ltmp2:
	r2 = *(u32 *)(r1 + 4)
.Ltmp3:
.Ltmp4:
	.loc	1 63 16
.Ltmp5:
	r1 = *(u32 *)(r1 + 0)
.Ltmp6:
.Ltmp7:
	.loc	1 65 8
.Ltmp8:
	r3 = r1
	r3 += 14
	if r3 > r2 goto LBB0_3
.Ltmp9:
.Ltmp10:
	.loc	1 57 14
.Ltmp11:
	r1 = *(u8 *)(r1 + 23)
.Ltmp12:
.Ltmp13:
	.loc	1 0 14 is_stmt 0
	r0 = 1
.Ltmp14:
.Ltmp15:
	.loc	1 69 5 is_stmt 1
.Ltmp16:
	if r1 == 1 goto LBB0_3
.Ltmp17:
.Ltmp18:
	.loc	1 0 5 is_stmt 0
	r0 = 2
LBB0_3:
	.loc	1 70 2 is_stmt 1
.Ltmp19:
	exit
.Ltmp20:
.Ltmp21:
.Lfunc_end0:
	.size	drop_icmp, .Lfunc_end0-drop_icmp
	.cfi_endproc

	.type	LICENSE,@object
	.section	license,"a",@progbits
	.globl	LICENSE
LICENSE:
	.asciz	"GPL"
	.size	LICENSE, 4

	.section	.debug_loc,"",@progbits
.Ldebug_loc0:
	.quad	.Lfunc_begin0-.Lfunc_begin0
	.quad	.Ltmp6-.Lfunc_begin0
	.short	1
	.byte	81
	.quad	0
	.quad	0
	.section	.debug_abbrev,"",@progbits
	.byte	1
	.byte	17
	.byte	1
	.byte	37
	.byte	14
	.byte	19
	.byte	5
	.byte	3
	.byte	14
	.byte	16
	.byte	23
	.byte	27
	.byte	14
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	0
	.byte	0
	.byte	2
	.byte	57
	.byte	1
	.byte	3
	.byte	14
	.byte	0
	.byte	0
	.byte	3
	.byte	52
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.byte	63
	.byte	25
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	2
	.byte	24
	.byte	0
	.byte	0
	.byte	4
	.byte	46
	.byte	1
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	32
	.byte	11
	.byte	0
	.byte	0
	.byte	5
	.byte	5
	.byte	0
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	6
	.byte	52
	.byte	0
	.byte	3
	.byte	14
	.ascii	"\210\001"
	.byte	15
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	7
	.byte	19
	.byte	1
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	50
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	8
	.byte	13
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	50
	.byte	11
	.byte	0
	.byte	0
	.byte	9
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	63
	.byte	25
	.byte	0
	.byte	0
	.byte	10
	.byte	5
	.byte	0
	.byte	2
	.byte	23
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	11
	.byte	11
	.byte	1
	.byte	85
	.byte	23
	.byte	0
	.byte	0
	.byte	12
	.byte	11
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	0
	.byte	0
	.byte	13
	.byte	52
	.byte	0
	.byte	2
	.byte	24
	.byte	3
	.byte	14
	.ascii	"\210\001"
	.byte	15
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	14
	.byte	29
	.byte	1
	.byte	49
	.byte	19
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	15
	.byte	52
	.byte	0
	.byte	28
	.byte	15
	.byte	49
	.byte	19
	.byte	0
	.byte	0
	.byte	16
	.byte	1
	.byte	1
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	17
	.byte	33
	.byte	0
	.byte	73
	.byte	19
	.byte	34
	.byte	13
	.byte	55
	.byte	11
	.byte	0
	.byte	0
	.byte	18
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	62
	.byte	11
	.byte	11
	.byte	11
	.byte	0
	.byte	0
	.byte	19
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	62
	.byte	11
	.byte	0
	.byte	0
	.byte	20
	.byte	15
	.byte	0
	.byte	73
	.byte	19
	.byte	3
	.byte	14
	.byte	51
	.byte	6
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0
.Ldebug_info_start0:
	.short	4
	.long	.debug_abbrev
	.byte	8
	.byte	1
	.long	.Linfo_string0
	.short	28
	.long	.Linfo_string1
	.long	.Lline_table_start0
	.long	.Linfo_string2
	.quad	.Lfunc_begin0
	.long	.Lfunc_end0-.Lfunc_begin0
	.byte	2
	.long	.Linfo_string3
	.byte	3
	.long	.Linfo_string4
	.long	309

	.byte	1
	.byte	53
	.byte	1
	.byte	9
	.byte	3
	.quad	LICENSE
	.byte	4
	.long	.Linfo_string7
	.long	.Linfo_string8
	.byte	1
	.byte	56
	.long	322
	.byte	1
	.byte	5
	.long	.Linfo_string9
	.byte	1
	.byte	56
	.long	336
	.byte	6
	.long	.Linfo_string17
	.byte	8
	.byte	1
	.byte	56
	.long	356
	.byte	0
	.byte	7
	.long	.Linfo_string15
	.byte	16
	.byte	1
	.byte	4
	.byte	8
	.long	.Linfo_string10
	.long	349
	.byte	4
	.byte	0
	.byte	3
	.byte	8
	.long	.Linfo_string12
	.long	349
	.byte	4
	.byte	4
	.byte	3
	.byte	8
	.long	.Linfo_string13
	.long	349
	.byte	4
	.byte	8
	.byte	3
	.byte	8
	.long	.Linfo_string14
	.long	349
	.byte	4
	.byte	12
	.byte	3
	.byte	0
	.byte	9
	.quad	.Lfunc_begin0
	.long	.Lfunc_end0-.Lfunc_begin0
	.byte	1
	.byte	90
	.long	.Linfo_string19
	.byte	1
	.byte	62
	.long	363

	.byte	10
	.long	.Ldebug_loc0
	.long	.Linfo_string9
	.byte	1
	.byte	62
	.long	336
	.byte	11
	.long	.Ldebug_ranges0
	.byte	6
	.long	.Linfo_string10
	.byte	8
	.byte	1
	.byte	63
	.long	356
	.byte	12
	.quad	.Ltmp6
	.long	.Ltmp17-.Ltmp6
	.byte	13
	.byte	1
	.byte	82
	.long	.Linfo_string21
	.byte	8
	.byte	1
	.byte	64
	.long	356
	.byte	14
	.long	69
	.quad	.Ltmp9
	.long	.Ltmp14-.Ltmp9
	.byte	1
	.byte	68
	.byte	20
	.byte	15
	.byte	23
	.long	96
	.byte	0
	.byte	12
	.quad	.Ltmp14
	.long	.Ltmp17-.Ltmp14
	.byte	13
	.byte	1
	.byte	81
	.long	.Linfo_string22
	.byte	1
	.byte	1
	.byte	68
	.long	322
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	16
	.long	322
	.byte	17
	.long	329
	.byte	0
	.byte	4
	.byte	0
	.byte	18
	.long	.Linfo_string5
	.byte	7
	.byte	1
	.byte	19
	.long	.Linfo_string6
	.byte	8
	.byte	7
	.byte	20
	.long	109
	.long	.Linfo_string16
	.long	0
	.byte	18
	.long	.Linfo_string11
	.byte	7
	.byte	4
	.byte	18
	.long	.Linfo_string18
	.byte	7
	.byte	8
	.byte	18
	.long	.Linfo_string20
	.byte	5
	.byte	4
	.byte	0
.Ldebug_info_end0:
	.section	license,"a",@progbits
.Lsec_end0:
	.section	xdp,"ax",@progbits
.Lsec_end1:
	.section	.debug_aranges,"",@progbits
	.long	60
	.short	2
	.long	.Lcu_begin0
	.byte	8
	.byte	0
	.zero	4,255
	.quad	LICENSE
	.quad	.Lsec_end0-LICENSE
	.quad	.Lfunc_begin0
	.quad	.Lsec_end1-.Lfunc_begin0
	.quad	0
	.quad	0
	.section	.debug_ranges,"",@progbits
.Ldebug_ranges0:
	.quad	.Ltmp0-.Lfunc_begin0
	.quad	.Ltmp3-.Lfunc_begin0
	.quad	.Ltmp6-.Lfunc_begin0
	.quad	.Ltmp17-.Lfunc_begin0
	.quad	0
	.quad	0
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))"
.Linfo_string1:
	.asciz	"rust.rs/@/rust.cebe997107dec46e-cgu.0"
.Linfo_string2:
	.asciz	"tests/objects"
.Linfo_string3:
	.asciz	"rust"
.Linfo_string4:
	.asciz	"LICENSE"
.Linfo_string5:
	.asciz	"u8"
.Linfo_string6:
	.asciz	"__ARRAY_SIZE_TYPE__"
.Linfo_string7:
	.asciz	"_RNvCshKuLGoDTFBq_4rust7byte_at"
.Linfo_string8:
	.asciz	"byte_at"
.Linfo_string9:
	.asciz	"ctx"
.Linfo_string10:
	.asciz	"data"
.Linfo_string11:
	.asciz	"u32"
.Linfo_string12:
	.asciz	"data_end"
.Linfo_string13:
	.asciz	"data_meta"
.Linfo_string14:
	.asciz	"ingress_ifindex"
.Linfo_string15:
	.asciz	"XdpMd"
.Linfo_string16:
	.asciz	"&rust::XdpMd"
.Linfo_string17:
	.asciz	"offset"
.Linfo_string18:
	.asciz	"usize"
.Linfo_string19:
	.asciz	"drop_icmp"
.Linfo_string20:
	.asciz	"i32"
.Linfo_string21:
	.asciz	"end"
.Linfo_string22:
	.asciz	"protocol"
	.section	.BTF,"",@progbits
	.short	60319
	.byte	1
	.byte	0
	.long	24
	.long	0
	.long	232
	.long	232
	.long	134
	.long	0
	.long	33554432
	.long	2
	.long	1
	.long	67108868
	.long	16
	.long	7
	.long	3
	.long	0
	.long	12
	.long	3
	.long	32
	.long	21
	.long	3
	.long	64
	.long	31
	.long	3
	.long	96
	.long	47
	.long	16777216
	.long	4
	.long	32
	.long	0
	.long	218103809
	.long	5
	.long	51
	.long	1
	.long	55
	.long	16777216
	.long	4
	.long	16777248
	.long	59
	.long	201326593
	.long	4
	.long	95
	.long	16777216
	.long	1
	.long	8
	.long	0
	.long	50331648
	.long	0
	.long	7
	.long	9
	.long	4
	.long	98
	.long	16777216
	.long	4
	.long	32
	.long	118
	.long	234881024
	.long	8
	.long	1
	.long	126
	.long	251658241
	.long	0
	.long	10
	.long	LICENSE
	.long	4
	.byte	0
	.ascii	"XdpMd"
	.byte	0
	.ascii	"data"
	.byte	0
	.ascii	"data_end"
	.byte	0
	.ascii	"data_meta"
	.byte	0
	.ascii	"ingress_ifindex"
	.byte	0
	.ascii	"u32"
	.byte	0
	.ascii	"ctx"
	.byte	0
	.ascii	"i32"
	.byte	0
	.ascii	"drop_icmp"
	.byte	0
	.ascii	"xdp"
	.byte	0
	.ascii	"tests/objects/rust.rs"
	.byte	0
	.ascii	"u8"
	.byte	0
	.ascii	"__ARRAY_SIZE_TYPE__"
	.byte	0
	.ascii	"LICENSE"
	.byte	0
	.ascii	"license"
	.byte	0
	.section	.BTF.ext,"",@progbits
	.short	60319
	.byte	1
	.byte	0
	.long	32
	.long	0
	.long	20
	.long	20
	.long	124
	.long	144
	.long	0
	.long	8
	.long	69
	.long	1
	.long	.Lfunc_begin0
	.long	6
	.long	16
	.long	69
	.long	7
	.long	.Lfunc_begin0
	.long	73
	.long	0
	.long	63488
	.long	.Ltmp2
	.long	73
	.long	0
	.long	65551
	.long	.Ltmp5
	.long	73
	.long	0
	.long	64528
	.long	.Ltmp8
	.long	73
	.long	0
	.long	66568
	.long	.Ltmp11
	.long	73
	.long	0
	.long	58382
	.long	.Ltmp16
	.long	73
	.long	0
	.long	70661
	.long	.Ltmp19
	.long	73
	.long	0
	.long	71682
	.section	.debug_line,"",@progbits
.Lline_table_start0:
