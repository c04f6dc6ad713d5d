package vmhi.mgmt.rest;

import java.io.IOException;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** What a request is answered with: a {@link Reply} that is complete, or something that goes on for a while. */
interface Answer {

	/** Sends it, or begins to: what goes on makes the request asynchronous. */
	void send(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
