/** The system calls of the core, for guest RAM and disk images. */
package vmhi.core.host;
