/** The home directory: what this host keeps on disk, and how it survives the end of the host at any moment. */
package vmhi.core.state;
