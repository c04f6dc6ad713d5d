/** A vendor's range of hypercalls: where {@code docs/writing-a-plugin.md} starts from. */
package vmhi.example.range;
