/**
 * An assembler for the guests, so that they are built where there are no binutils. It reads a subset of
 * NASM's language and writes flat binaries, byte for byte those of {@code nasm -f bin} (2.16).
 * <p>
 * {@link vmhi.guest.asm.Assembler} is where to start. The instructions it knows are listed in
 * {@code instructions.txt}.
 */
package vmhi.guest.asm;
