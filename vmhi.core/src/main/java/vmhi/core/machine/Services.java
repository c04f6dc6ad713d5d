package vmhi.core.machine;

import java.lang.ref.Cleaner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

import vmhi.core.event.EventLog;
import vmhi.core.plugin.PluginServices;
import vmhi.core.vdisk.Images;

/**
 * What all machines share.
 *
 * @param timers for alarms and watchdogs, brief things
 * @param pool for work that may block
 * @param cleaner gives back RAM that nobody can reach any more
 * @param callDeadline milliseconds that a plug-in may keep a vCPU's thread before it is interrupted; after as much
 *        again it is given up
 * @param patience milliseconds that a machine waits for a plug-in that left, before it shows as paused
 */
record Services(PluginServices plugins, Images images, EventLog events, ScheduledExecutorService timers,
		ExecutorService pool, Cleaner cleaner, long callDeadline, long patience) {}
