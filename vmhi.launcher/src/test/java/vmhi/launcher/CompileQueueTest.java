package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class CompileQueueTest {
	private static final String NOTHING = """
			Current compiles:\s

			C1 compile queue:
			Empty

			C2 compile queue:
			Empty

			""";

	@Test
	void isEmptyWhenNothingIsQueuedOrCompiled() {
		assertTrue(CompileQueue.isEmpty(NOTHING));
	}

	@Test
	void isNotWhileOneIsCompiled() {
		assertFalse(
				CompileQueue.isEmpty(NOTHING.replaceFirst("\n", "\nC2 CompilerThread0  516  4  a.B::c (5 bytes)\n")));
	}

	@Test
	void isNotWhileOneIsQueued() {
		assertFalse(CompileQueue.isEmpty("""
				Current compiles:
				C1 compile queue:
				Empty
				C2 compile queue:
				     517       4       a.B::c (5 bytes)
				"""));
	}

	@Test
	void whatThisJvmSaysIsUnderstood() {
		assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
			while (!CompileQueue.isEmpty(CompileQueue.now()))
				Thread.onSpinWait();
		});
	}
}
