package vmhi.api.mgmt;

import java.time.Instant;

/**
 * A line of the audit log.
 *
 * @param number from 1, without a gap
 * @param action for example {@code machine.start}
 * @param object what it was done to
 * @param outcome {@code ok}, {@code denied}, or {@code failed: } and why
 * @param hash of this entry and the one before, in hexadecimal: an entry that is changed or left out shows
 */
public record AuditEntry(long number, Instant time, String principal, String origin, String action, String object,
		String outcome, String hash) {}
