/** The door to this host: who is let in, what he may do, what of it is written down, and which bundles he exchanges. */
package vmhi.core.mgmt;
