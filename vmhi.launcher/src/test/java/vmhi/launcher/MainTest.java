package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import picocli.CommandLine;

class MainTest {
	private final StringWriter out = new StringWriter();
	private final StringWriter err = new StringWriter();

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "", value = {
			" | a command is missing; see vmhi --help",
			"fly | Unmatched argument at index 0: 'fly'; see vmhi --help",
			"serve --port x | Invalid value for option '--port': 'x' is not an int; see vmhi help serve",
			"run | name a SPEC.json, or a machine's --kernel; see vmhi help run",
			"run a.json --kernel k | a SPEC.json and --kernel exclude each other; see vmhi help run",
			"run --kernel k --memory lots | Invalid value for option '--memory': 'lots' is not a size such as 512M; see vmhi help run" })
	void wrongUsageIsOneLineAndStatusTwo(String args, String message) {
		assertEquals(2, execute(args == null ? new String[0] : args.split(" ")));
		assertEquals("vmhi: " + message + System.lineSeparator(), err.toString());
	}

	@Test
	void everyCommandHasHelp() {
		for (String command : Main.commandLine().getSubcommands().keySet()) {
			assertEquals(0, execute("help", command));
			assertTrue(out.toString().contains("vmhi " + command), command);
		}
	}

	@Test
	void completionKnowsTheCommands() {
		assertEquals(0, execute("completion"));
		assertTrue(out.toString().contains("complete -F _complete_vmhi"));
		assertTrue(out.toString().contains("demo doctor run serve"));
	}

	private int execute(String... args) {
		CommandLine command = Main.commandLine(args);
		command.setOut(new PrintWriter(out, true));
		command.setErr(new PrintWriter(err, true));
		return command.execute(args);
	}
}
