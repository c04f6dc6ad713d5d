package vmhi.core.mgmt;

import java.io.IOException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import vmhi.api.machine.Job;
import vmhi.api.machine.MachineException;
import vmhi.api.mgmt.DeniedException;
import vmhi.api.mgmt.Permission;
import vmhi.api.mgmt.Principal;

/**
 * Stands between one principal and the host: lets him by or not, and writes down what he changes. Everything he can
 * reach through a {@link GuardedHypervisor} comes by here. For any thread.
 */
final class Guard {

	private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

	/** Something that changes the host. */
	interface Change<T> {
		T make() throws MachineException;
	}

	/** What a change was done to, once that is known. */
	interface Objects<T> {
		String of(T result);
	}

	private final Principal principal;
	private final AuditLog audit;

	Guard(Principal principal, AuditLog audit) {
		this.principal = principal;
		this.audit = audit;
	}

	Principal principal() {
		return principal;
	}

	/** Lets him by if he has the permission; the log tells if not. */
	void check(Permission permission, String action, String object) {
		if (principal.may(permission))
			return;
		write(action, object, "denied");
		throw new DeniedException(principal, permission);
	}

	/** Changes something if he may and if it can be written down, and writes down how it went. */
	<T> T change(Permission permission, String action, String object, Change<T> change) throws MachineException {
		return change(permission, action, object, result -> object, change);
	}

	/** As above, for a change that tells only afterwards what exactly it was done to. */
	<T> T change(Permission permission, String action, String object, Objects<T> afterwards, Change<T> change)
			throws MachineException {
		check(permission, action, object);
		audit.requireWritable();
		return make(action, object, afterwards, change);
	}

	/** As above, for what must work even when nothing can be written down. */
	Job urgent(Permission permission, String action, String object, Change<Job> change) throws MachineException {
		check(permission, action, object);
		return make(action, object, job -> withJob(object, job), change);
	}

	/** As above, for a change that is a job. */
	Job job(Permission permission, String action, String object, Change<Job> change) throws MachineException {
		return change(permission, action, object, job -> withJob(object, job), change);
	}

	private static String withJob(String object, Job job) {
		return "%s (job %s)".formatted(object, job.snapshot().id());
	}

	private <T> T make(String action, String object, Objects<T> afterwards, Change<T> change) throws MachineException {
		T result;
		try {
			result = change.make();
		} catch (MachineException e) {
			write(action, object, "failed: " + e.getMessage());
			throw e;
		} catch (RuntimeException | Error e) {
			write(action, object, "failed: internal error: " + e);
			throw e;
		}
		write(action, afterwards.of(result), "ok");
		return result;
	}

	/** The log keeps in mind that this failed, and lets nothing be changed until it can be written again. */
	private void write(String action, String object, String outcome) {
		try {
			audit.append(principal.name(), principal.origin(), action, object, outcome);
		} catch (IOException e) {
			LOG.error("the audit log cannot be written ({}): {} from {}, {} {}: {}", e.toString(), principal.name(),
					principal.origin(), action, object, outcome);
		}
	}

	/** Writes down a change that needs no permission beyond those checked already. */
	void changed(String action, String object) {
		write(action, object, "ok");
	}
}
