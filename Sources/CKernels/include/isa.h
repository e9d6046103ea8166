#ifndef SG_ISA_H
#define SG_ISA_H
/* Instruction sets. Every kernel is compiled for each from one source and picked once, at the first
 * call: the best the processor has, or a lower one named by the environment variable SWIFTGAN_ISA
 * ("baseline", "avx2", "avx512"). Off x86-64 there is the baseline alone: SSE2's place is NEON's on
 * 64-bit ARM, where it is called "neon". */
typedef enum { SG_ISA_BASELINE = 0, SG_ISA_AVX2 = 1, SG_ISA_AVX512 = 2 } sg_isa;

sg_isa sg_isa_best(void);      /* the best this machine has */
sg_isa sg_isa_current(void);   /* the one in use */
int sg_isa_select(sg_isa isa); /* for tests: 0, or -1 where the machine lacks it; not while kernels run */
const char *sg_isa_name(sg_isa isa); /* "baseline", "avx2", "avx512"; "neon" */
#endif
