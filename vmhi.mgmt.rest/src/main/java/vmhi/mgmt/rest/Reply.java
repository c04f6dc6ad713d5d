package vmhi.mgmt.rest;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** An answer that is complete. */
record Reply(int status, String type, byte[] body, Map<String, String> headers) implements Answer {

	static Reply json(int status, Object body) {
		return new Reply(status, "application/json", Json.write(body), Map.of());
	}

	static Reply bytes(byte[] body) {
		return new Reply(200, "application/octet-stream", body, Map.of());
	}

	/** Done, and there is nothing to say. */
	static Reply none() {
		return new Reply(204, null, new byte[0], Map.of());
	}

	Reply with(String header, Object value) {
		Map<String, String> more = new LinkedHashMap<>(headers);
		more.put(header, value.toString());
		return new Reply(status, type, body, more);
	}

	@Override
	public void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
		response.setStatus(status);
		headers.forEach(response::setHeader);
		// the server would close the connection anyway, but a client that isn't told sends its next request on it
		if (new Body(request).isLeft() && request.getProtocol().startsWith("HTTP/1"))
			response.setHeader("Connection", "close");
		if (type == null)
			return;
		response.setContentType(type);
		response.setContentLength(body.length);
		response.getOutputStream().write(body);
	}
}
