/**
 * Puts a kernel into guest RAM and says in which state the first vCPU enters it: Linux's boot protocols
 * (Documentation/x86/boot.rst), PVH (Xen's HVM direct boot ABI, docs/misc/pvh.pandoc), and flat images. The layout is in
 * {@code docs/boot.md}.
 */
package vmhi.core.boot;
