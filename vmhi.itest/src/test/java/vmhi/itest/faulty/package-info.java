/** Plug-ins that do wrong, for the tests that show that nobody else comes to harm. */
package vmhi.itest.faulty;
