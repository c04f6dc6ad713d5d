/** Machine specifications as JSON, read strictly and written so that they read back equal. */
package vmhi.core.spec;
