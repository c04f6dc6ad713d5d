/** The stream of events and the list of jobs, numbered and named so that no restart of the host repeats one. */
package vmhi.core.event;
