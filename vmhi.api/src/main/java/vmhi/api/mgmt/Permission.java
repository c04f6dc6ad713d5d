package vmhi.api.mgmt;

/** What can be allowed or denied. */
public enum Permission {
	/** See machines, jobs, events and plug-ins. */
	VIEW,
	/** Start, stop, pause, resume, reset and move machines. */
	POWER,
	/** Read and type on consoles. */
	CONSOLE,
	/** Define, change and delete machines. */
	DEFINE,
	/** Install, update and remove plug-ins. */
	PLUGINS,
	/** Read the audit log. */
	AUDIT,
	/** Stop the host. */
	HOST
}
