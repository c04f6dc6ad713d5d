package vmhi.mgmt.rest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Proxy;
import java.util.List;

import org.junit.jupiter.api.Test;

import jakarta.servlet.http.HttpServletRequest;

/** Where requests may come from: what cannot be tried on one machine. */
class DoorTest {
	private static final Door CLOSED = new Door(false, new String[] { "vmhi.example.org" }, List::of);
	private static final Door OPEN = new Door(true, new String[] { "VMHI.example.org" }, List::of);

	@Test
	void otherMachinesAreServedOnlyWhereConfiguredAndByTls() {
		assertEquals(403, refused(CLOSED, "192.0.2.1", "192.0.2.2", true, "vmhi.example.org"));
		assertEquals(403, refused(OPEN, "192.0.2.1", "192.0.2.2", false, "vmhi.example.org"));
		assertDoesNotThrow(() -> OPEN.refuseStrangers(request("192.0.2.1", "192.0.2.2", true, "vmhi.example.org")));
		assertEquals(421, refused(OPEN, "192.0.2.1", "192.0.2.2", true, "other.example.org"));
	}

	@Test
	void bothEndsAreOnTheLoopbackInterface() {
		assertDoesNotThrow(() -> CLOSED.refuseStrangers(request("127.0.0.1", "127.0.0.1", false, "localhost")));
		assertDoesNotThrow(() -> CLOSED.refuseStrangers(request("[::1]", "0:0:0:0:0:0:0:1", false, "[::1]")));
		assertDoesNotThrow(() -> CLOSED.refuseStrangers(request("::ffff:127.0.0.1", "127.0.0.1", false, "127.0.0.1")));
		assertEquals(403, refused(CLOSED, "192.0.2.1", "127.0.0.1", false, "localhost"));
		assertEquals(403, refused(CLOSED, "127.0.0.1", "192.0.2.1", false, "localhost"));
		assertEquals(403, refused(CLOSED, "", "", false, "localhost"));
		assertEquals(421, refused(CLOSED, "127.0.0.1", "127.0.0.1", false, "vmhi.example.org"));
	}

	private static int refused(Door door, String from, String to, boolean tls, String host) {
		return assertThrows(Problem.class, () -> door.refuseStrangers(request(from, to, tls, host))).reply().status();
	}

	private static HttpServletRequest request(String from, String to, boolean tls, String host) {
		return (HttpServletRequest) Proxy.newProxyInstance(DoorTest.class.getClassLoader(),
				new Class<?>[] { HttpServletRequest.class }, (proxy, method, arguments) -> switch (method.getName()) {
					case "getRemoteAddr" -> from;
					case "getLocalAddr" -> to;
					case "isSecure" -> tls;
					case "getHeader" -> host + ":8443";
					case "getServerName" -> host;
					default -> throw new AssertionError(method);
				});
	}
}
