package vmhi.api.mgmt;

import java.util.EnumSet;
import java.util.Set;

/** Sets of permissions that go together. What is not in one is denied. */
public enum Role {
	/** Sees everything but secrets. */
	VIEWER(EnumSet.of(Permission.VIEW)),
	/** Runs machines that others define. */
	OPERATOR(EnumSet.of(Permission.VIEW, Permission.POWER, Permission.CONSOLE)),
	/** Defines machines, too. */
	MACHINE_ADMIN(EnumSet.of(Permission.VIEW, Permission.POWER, Permission.CONSOLE, Permission.DEFINE)),
	/** May everything. */
	ADMIN(EnumSet.allOf(Permission.class));

	private final Set<Permission> permissions;

	Role(Set<Permission> permissions) {
		this.permissions = Set.copyOf(permissions);
	}

	/** Tells whether the permission is in it. */
	public boolean has(Permission permission) {
		return permissions.contains(permission);
	}
}
