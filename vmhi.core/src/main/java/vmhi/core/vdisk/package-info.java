/**
 * Disk images: {@link vmhi.core.vdisk.Images} opens them by their configured format, {@link vmhi.core.vdisk.FileStorage}
 * is the bytes of one, {@link vmhi.core.vdisk.GuestDrive} is the drive of a machine, which lives through the exchange of
 * its format's bundle.
 */
package vmhi.core.vdisk;
