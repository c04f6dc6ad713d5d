/**
 * What all ranges of hypercalls share: registers, checks, leases, and the exchange of a range's bundle while guests
 * call. What a call does is a plug-in's affair.
 */
package vmhi.core.hypercall;
