/** The plug-ins that are installed now, and who is told when one comes or goes. */
package vmhi.core.plugin;
