package vmhi.core.bus;

import vmhi.api.cpu.MsrRange;
import vmhi.api.device.MsrHandler;

/** Model-specific registers and who answers for them. */
public record ClaimedMsrs(MsrRange range, String owner, MsrHandler handler) {}
