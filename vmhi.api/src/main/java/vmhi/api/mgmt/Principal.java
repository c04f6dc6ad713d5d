package vmhi.api.mgmt;

import java.util.Set;

/**
 * Somebody who manages this host.
 *
 * @param name for the audit log
 * @param origin how and from where he came, for the audit log: {@code rest 127.0.0.1}, {@code terminal}
 * @param roles that he has
 */
public record Principal(String name, String origin, Set<Role> roles) {

	/** The set is kept as it is now. */
	public Principal {
		roles = Set.copyOf(roles);
	}

	/** Tells whether one of the roles has the permission. */
	public boolean may(Permission permission) {
		return roles.stream().anyMatch(role -> role.has(permission));
	}
}
