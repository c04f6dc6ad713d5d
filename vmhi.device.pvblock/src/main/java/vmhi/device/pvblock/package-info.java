/**
 * A paravirtual disk that a small guest can drive in a page of code: one page of registers, one ring in guest RAM.
 * <p>
 * All numbers are little-endian. Registers can be read in any part. They are written by 4 bytes on a 4-byte boundary,
 * those of 8 bytes also by 8 on an 8-byte boundary; any other write is ignored. The rest of the page reads as 0.
 *
 * <table>
 * <caption>Registers, by offset in the page</caption>
 * <tr><th>offset</th><th></th><th>size</th><th>meaning</th></tr>
 * <tr><td>0x00</td><td>R</td><td>4</td><td>magic, 0x4b4c4256: the letters VBLK</td></tr>
 * <tr><td>0x04</td><td>R</td><td>4</td><td>version, 1</td></tr>
 * <tr><td>0x08</td><td>R</td><td>8</td><td>capacity in bytes; it may grow while the guest runs</td></tr>
 * <tr><td>0x10</td><td>R</td><td>4</td><td>logical block size in bytes, 512 or 4096</td></tr>
 * <tr><td>0x14</td><td>R</td><td>4</td><td>features: bit 0 read-only, 1 flush, 2 discard, 3 write-zeroes</td></tr>
 * <tr><td>0x18</td><td>RW</td><td>8</td><td>guest-physical address of the ring, on a 64-byte boundary. Writing it, in
 * halves when the high one is written, starts the ring anew with all counts 0; writing 0 stops it.</td></tr>
 * <tr><td>0x20</td><td>RW</td><td>4</td><td>entries in the ring, a power of two from 1 to 256; written before the
 * address, and left alone while the ring runs</td></tr>
 * <tr><td>0x24</td><td>RW</td><td>4</td><td>doorbell: how many requests have been made available since the ring was
 * started, counting on through 2^32</td></tr>
 * <tr><td>0x28</td><td>R</td><td>4</td><td>how many have been completed, likewise</td></tr>
 * <tr><td>0x2c</td><td>RW</td><td>4</td><td>interrupt status: bit 0 is set when a request completes, and cleared by
 * writing it as 1</td></tr>
 * <tr><td>0x30</td><td>RW</td><td>4</td><td>interrupt enable: bit 0. The interrupt line is high while status and enable
 * are both set.</td></tr>
 * <tr><td>0x34</td><td>R</td><td>4</td><td>device status: bit 0 ready, 1 broken</td></tr>
 * </table>
 *
 * Request <i>n</i>, counted from 0, is in entry <i>n</i> modulo the number of entries.
 *
 * <table>
 * <caption>An entry of the ring, 64 bytes</caption>
 * <tr><th>offset</th><th>size</th><th>meaning</th></tr>
 * <tr><td>0</td><td>1</td><td>what to do: 0 read, 1 write, 2 flush, 3 discard, 4 write zeroes</td></tr>
 * <tr><td>1</td><td>1</td><td>reserved</td></tr>
 * <tr><td>2</td><td>2</td><td>flags, 0</td></tr>
 * <tr><td>4</td><td>4</td><td>length in bytes, a multiple of the block size, not 0; ignored for a flush</td></tr>
 * <tr><td>8</td><td>8</td><td>where on the disk, in bytes, a multiple of the block size; ignored for a flush</td></tr>
 * <tr><td>16</td><td>8</td><td>guest-physical address of the data, for a read or write; anywhere in RAM</td></tr>
 * <tr><td>24</td><td>8</td><td>cookie, the guest's own</td></tr>
 * <tr><td>32</td><td>4</td><td>status: the guest sets 0xffffffff, the device 0 done, 1 I/O error, 2 invalid, 3
 * read-only, 4 unsupported</td></tr>
 * <tr><td>36</td><td>28</td><td>reserved</td></tr>
 * </table>
 *
 * The guest fills entries and then writes the doorbell. Requests complete in any order; those that write the same bytes
 * are carried out in theirs, and a flush covers what had completed before it was made available. For each, the device
 * stores the data, then the status, then counts it completed, then interrupts. An entry may be used again once its
 * status is there. A count that goes back is old news and ignored.
 * <p>
 * The device is <em>ready</em> while the ring runs, and afterwards until the last request under way has ended: a guest
 * that stopped it waits for the bit to clear before it uses the memory for something else. A ring that is not all in
 * RAM or has an odd size, and a count that makes more requests available than it has entries, make the device
 * <em>broken</em>: it takes no further request until the ring's address is written again.
 */
package vmhi.device.pvblock;
