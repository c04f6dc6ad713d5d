package vmhi.api.mgmt;

/** The principal does not have the permission. */
public final class DeniedException extends RuntimeException {
	private static final long serialVersionUID = 1L;

	private final Permission permission;

	/** For a principal who lacks {@code permission}. */
	public DeniedException(Principal principal, Permission permission) {
		super("%s does not have the permission %s".formatted(principal.name(), permission));
		this.permission = permission;
	}

	/** What he lacks. */
	public Permission permission() {
		return permission;
	}
}
