package vmhi.mgmt.rest;

/** Makes the threads of this bundle. */
final class Threads {

	private Threads() {}

	static Thread daemon(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		return thread;
	}
}
