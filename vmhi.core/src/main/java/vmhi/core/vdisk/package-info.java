/**
 * Disk images: {@link vmhi.core.vdisk.Images} opens them by their configured format, {@link vmhi.core.vdisk.GuestDrive}
 * is the drive of a machine, which lives through the exchange of its format's bundle, and
 * {@link vmhi.core.vdisk.FileStorage} is what a format sees of a file.
 */
package vmhi.core.vdisk;
