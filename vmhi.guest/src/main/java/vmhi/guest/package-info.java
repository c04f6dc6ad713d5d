/** Small guests that run on a bare machine, to show and test a hypervisor with. */
package vmhi.guest;
