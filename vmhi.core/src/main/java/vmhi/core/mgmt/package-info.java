/** The door to this host: who is let in, what he may do, what is written down of it, and the bundles he may exchange. */
package vmhi.core.mgmt;
