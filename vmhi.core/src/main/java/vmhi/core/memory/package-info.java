/** Guest RAM: host memory outside the Java heap, and what calls and trackers see of it. */
package vmhi.core.memory;
