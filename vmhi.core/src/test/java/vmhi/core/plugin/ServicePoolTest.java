package vmhi.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

class ServicePoolTest {
	private final ServicePool<Object> pool = new ServicePool<>();

	@Test
	void theHigherVersionIsTheBest() {
		Pools.add(pool, "cpu:x", "1.2.0", "old");
		Pools.add(pool, "cpu:x", "1.10.0", "new");
		Pools.add(pool, "cpu:y", "9.0.0", "another kind");
		assertEquals("new", pool.best("cpu:x", null).orElseThrow().service());
	}

	@Test
	void ofTheSameVersionTheOneThatWasThereFirstIsTheBest() {
		Version version = new Version("1.0.0");
		Pools.add(pool, new Plugin<>("cpu:x", "second", 7, "b", version));
		Pools.add(pool, new Plugin<>("cpu:x", "first", 3, "a", version));
		assertEquals("first", pool.best("cpu:x", null).orElseThrow().service());
	}

	@Test
	void aPinLeavesOutWhatIsNotInIt() {
		Pools.add(pool, "cpu:x", "1.0.0", "old");
		Pools.add(pool, "cpu:x", "2.0.0", "new");
		assertEquals("old", pool.best("cpu:x", new VersionRange("[1,2)")).orElseThrow().service());
		assertTrue(pool.best("cpu:x", new VersionRange("[3,4)")).isEmpty());
	}

	@Test
	void allAreInTheOrderInWhichTheyCame() {
		List<Plugin<Object>> plugins = List.of(Pools.add(pool, "a", "2.0.0", "x"), Pools.add(pool, "b", "1.0.0", "y"),
				Pools.add(pool, "a", "3.0.0", "z"));
		assertEquals(plugins, pool.all());
	}

	@Test
	void whoIsToldThatOneLeavesDoesNotFindItAnyMore() {
		Plugin<Object> plugin = Pools.add(pool, "cpu:x", "1.0.0", "it");
		List<Boolean> found = new ArrayList<>();
		pool.listen(new ServicePool.Listener<>() {
			@Override
			public void arrived(Plugin<Object> arrived) {
				found.add(pool.all().contains(arrived));
			}

			@Override
			public void leaving(Plugin<Object> leaving) {
				found.add(pool.all().contains(leaving));
			}
		});
		Pools.remove(pool, plugin);
		Pools.add(pool, plugin);
		assertEquals(List.of(false, true), found);
	}

	@Test
	void aListenerThatFailsDoesNotKeepTheOthersFromBeingTold() {
		List<String> told = new ArrayList<>();
		for (RuntimeException failure : new RuntimeException[] { new IllegalStateException("no"), null })
			pool.listen(new ServicePool.Listener<>() {
				@Override
				public void arrived(Plugin<Object> plugin) {
					told.add("arrived");
					if (failure != null)
						throw failure;
				}

				@Override
				public void leaving(Plugin<Object> plugin) {
					told.add("leaving");
					if (failure != null)
						throw new NoClassDefFoundError("gone");
				}
			});
		Plugin<Object> plugin = Pools.add(pool, "cpu:x", "1.0.0", "it");
		Pools.remove(pool, plugin);
		assertEquals(List.of("arrived", "arrived", "leaving", "leaving"), told);
	}

	@Test
	void aServiceThatIsNotThereMayLeave() {
		pool.remove("never seen");
		assertTrue(pool.all().isEmpty());
	}
}
