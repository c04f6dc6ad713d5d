package vmhi.linux;

import java.time.Duration;

import org.junit.jupiter.api.Test;

/** Images that were made for real machines start. Each is stopped at its first screen. */
class FirstScreenTest {
	private static final Duration MOMENT = Duration.ofSeconds(60);

	@Test
	void installerOfDebianAsksForTheLanguage() throws Exception {
		try (Guest guest = Guest.run(Images.fetched("netboot/linux"), "--initrd", Images.fetched("netboot/initrd.gz"),
				"--append", "console=ttyS0 cryptomgr.notests", "--memory", "1G")) {
			guest.await("Run /init as init process", Duration.ofSeconds(180));
			guest.await("Select a language|Choose the language", Duration.ofSeconds(180));
		}
	}

	@Test
	void memtest86ShowsItsScreenAndTestsMemory() throws Exception {
		try (Guest guest = Guest.run(Images.fetched("memtest86+x64.bin"), "--append", "console=ttyS0,115200",
				"--memory", "64M")) {
			guest.await("Memtest86\\+ v", MOMENT);
			guest.await("#[0-9]+ +\\[", MOMENT);
		}
	}

	@Test
	void ipxeSaysWhoItIs() throws Exception {
		try (Guest guest = Guest.run(Images.fetched("ipxe.lkrn"), "--memory", "64M")) {
			guest.await("iPXE [0-9]", MOMENT);
		}
	}
}
