package vmhi.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.apache.felix.utils.resource.ResourceBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleException;
import org.osgi.framework.Version;
import org.osgi.resource.Resource;

class CompositionResolverTest {
	private final List<Jar> jars = new ArrayList<>();

	@BeforeEach
	void platform() {
		bundle("vmhi.core", "1.0.0", "Import-Package", "vmhi.api.mgmt;version=\"[1.0,1.1)\"", "Require-Capability",
				"osgi.extender;filter:=\"(&(osgi.extender=osgi.component)(version>=1.5.0)(!(version>=2.0.0)))\"");
		bundle("org.apache.felix.configadmin", "1.9.26", "Require-Capability",
				"osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=1.7))\"");
		bundle("scr", "2.2.18", "Provide-Capability",
				"osgi.extender;osgi.extender=\"osgi.component\";version:Version=\"1.5\"",
				"Import-Package", "shell.api;resolution:=optional");
		bundle("shell", "1.0.0", "Export-Package", "shell.api");
	}

	@Test
	void bundlesOfFeaturesComeWithAllTheyNeedAndNothingElse() throws Problem {
		bundle("acme.raw", "1.0.0", "Provide-Capability",
				"vmhi.vdisk.format;vmhi.vdisk.format=raw;version:Version=\"1.0.0\"",
				"Import-Package", "acme.util;version=\"[1.0,2)\"");
		bundle("acme.util", "1.3.0", "Export-Package", "acme.util;version=\"1.3\"");
		bundle("acme.qcow2", "1.0.0", "Provide-Capability",
				"vmhi.vdisk.format;vmhi.vdisk.format=qcow2;version:Version=\"1.0.0\"");

		assertEquals("acme.raw-1.0.0 acme.util-1.3.0 org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0",
				resolve("disk=raw"));
	}

	@Test
	void whatABundleNeedsOnlyToBeOfUseComesToo() throws Problem {
		bundle("rest", "1.0.0", "Provide-Capability", "vmhi.mgmt.protocol;vmhi.mgmt.protocol=rest",
				"Require-Capability",
				"osgi.implementation;filter:=\"(osgi.implementation=osgi.http)\";effective:=active,"
						+ "osgi.service;filter:=\"(objectClass=x.Y)\";effective:=active");
		bundle("jetty", "12.0.0", "Provide-Capability", "osgi.implementation;osgi.implementation=osgi.http");

		assertEquals("jetty-12.0.0 org.apache.felix.configadmin-1.9.26 rest-1.0.0 scr-2.2.18 vmhi.core-1.0.0",
				resolve("mgmt=rest"));
	}

	@Test
	void starMeansTheHighestVersionOfEachBundle() throws Problem {
		format("acme.raw", "1.0.0", "raw");
		format("acme.raw", "1.1.0", "raw");
		format("other.raw", "0.1.0", "raw");

		assertEquals("acme.raw-1.1.0 org.apache.felix.configadmin-1.9.26 other.raw-0.1.0 scr-2.2.18 vmhi.core-1.0.0",
				resolve("disk=*"));
	}

	@Test
	void rangeIsOfVersionsOfTheBundle() throws Problem {
		format("acme.raw", "1.0.0", "raw");
		format("acme.raw", "2.0.0", "raw");

		assertEquals("acme.raw-1.0.0 org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0",
				resolve("disk=raw;version=[1,2)"));
	}

	@Test
	void plugInIsStartedThoughNobodyAsksForIt() throws Problem {
		plugin("acme.vendor", "1.0.0");

		assertEquals("acme.vendor-1.0.0 org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0", resolve(""));
	}

	@Test
	void plugInTakesThePlaceOfWhatCameWithTheDistribution() throws Problem {
		format("vmhi.raw", "1.0.0", "raw");
		plugin("vmhi.raw", "1.0.1", "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=raw");

		assertEquals("org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0 vmhi.raw-1.0.1",
				resolve("disk=*"));
	}

	@Test
	void missingCapabilityIsNamedInOneLine() {
		assertEquals("no bundle provides vmhi.cpu.kind=kvm, which the composition test asks for (cpu=kvm); "
				+ "put one that does into /plugins", problem("cpu=kvm"));
		assertEquals("no bundle provides vmhi.cpu.kind=*, which the composition test asks for (cpu=*); "
				+ "put one that does into /plugins", problem("cpu=*"));
	}

	@Test
	void missingCapabilityOfABundleBehindIsNamedWithWhoNeedsIt() {
		bundle("acme.raw", "1.0.0", "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=raw", "Import-Package",
				"acme.util;version=\"[1.0,2)\"");
		bundle("acme.util", "1.0.0", "Export-Package", "acme.util;version=\"1.3\"", "Require-Capability",
				"acme.licence;filter:=\"(acme.licence=gold)\"");

		assertEquals(
				"no bundle provides acme.licence=gold, which acme.util 1.0.0 needs (disk=raw); put one that does into /plugins",
				problem("disk=raw"));
	}

	@Test
	void missingPackageIsNamedWithItsRange() {
		bundle("acme.raw", "1.0.0", "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=raw", "Import-Package",
				"vmhi.api.mgmt;version=\"[2.0,3)\"");

		assertEquals("no bundle provides package vmhi.api.mgmt [2.0.0,3.0.0), which acme.raw 1.0.0 needs (disk=raw); "
				+ "put one that does into /plugins", problem("disk=raw"));
	}

	@Test
	void bundleForANewerJavaIsNamed() {
		bundle("acme.raw", "1.0.0", "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=raw",
				"Require-Capability",
				"osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"");

		assertEquals(
				"acme.raw 1.0.0 (disk=raw) is for osgi.ee=JavaSE 99 and this is Java %d; run it on another JDK or leave it out"
						.formatted(Runtime.version().feature()),
				problem("disk=raw"));
	}

	@Test
	void whatIsOptionalMayBeMissing() throws Problem {
		assertEquals("org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0", resolve("cpu=kvm?\ndisk=*?"));
	}

	@Test
	void whatIsOptionalAndDoesNotResolveIsLeftOutWithARemark() throws Problem {
		bundle("kvm", "1.0.0", "Provide-Capability", "vmhi.cpu.kind;vmhi.cpu.kind=kvm", "Import-Package",
				"com.sun.jna");
		format("acme.raw", "1.0.0", "raw");

		Resolution resolution = resolver().resolve(Composition.parse("test", "cpu=kvm?\ndisk=*"));

		assertEquals("acme.raw-1.0.0 org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0",
				names(resolution));
		assertEquals(List.of(
				"no bundle provides package com.sun.jna, which kvm 1.0.0 needs (cpu=kvm?); put one that does into /plugins"),
				resolution.remarks());
	}

	@Test
	void plugInThatDoesNotResolveIsLeftOutWithARemark() throws Problem {
		plugin("acme.vendor", "1.0.0", "Import-Package", "no.such");

		Resolution resolution = resolver().resolve(Composition.parse("test", ""));

		assertEquals("org.apache.felix.configadmin-1.9.26 scr-2.2.18 vmhi.core-1.0.0", names(resolution));
		assertEquals(List.of(
				"no bundle provides package no.such, which acme.vendor 1.0.0 needs (/plugins/acme.vendor-1.0.0.jar); "
						+ "put one that does into /plugins"),
				resolution.remarks());
	}

	@Test
	void starOfWhichNothingResolvesIsAProblem() {
		bundle("kvm", "1.0.0", "Provide-Capability", "vmhi.cpu.kind;vmhi.cpu.kind=kvm", "Import-Package",
				"com.sun.jna");

		assertEquals(
				"no bundle provides package com.sun.jna, which kvm 1.0.0 needs (cpu=*); put one that does into /plugins",
				problem("cpu=*"));
	}

	@Test
	void levelsHaveManagementEndFirstAndLibrariesLast() throws Problem {
		bundle("rest", "1.0.0", "Provide-Capability", "vmhi.mgmt.protocol;vmhi.mgmt.protocol=rest");
		format("acme.raw", "1.0.0", "raw");

		List<String> order = resolver().resolve(Composition.parse("test", "mgmt=rest\ndisk=raw")).bundles().stream()
				.map(bundle -> bundle.jar().getFileName() + " " + bundle.startLevel()).toList();

		assertEquals(List.of("org.apache.felix.configadmin-1.9.26.jar 1", "scr-2.2.18.jar 1", "acme.raw-1.0.0.jar 2",
				"vmhi.core-1.0.0.jar 3", "rest-1.0.0.jar 4"), order);
	}

	private String problem(String composition) {
		return assertThrows(Problem.class, () -> resolve(composition)).getMessage();
	}

	private String resolve(String composition) throws Problem {
		return names(resolver().resolve(Composition.parse("test", composition)));
	}

	private static String names(Resolution resolution) {
		TreeSet<String> names = new TreeSet<>();
		for (Resolution.Bundle bundle : resolution.bundles())
			names.add(bundle.jar().getFileName().toString().replace(".jar", ""));
		return String.join(" ", names);
	}

	private CompositionResolver resolver() {
		return new CompositionResolver(Repository.of(jars, List.of()), resource(Map.of("Bundle-ManifestVersion", "2",
				"Bundle-SymbolicName", "system.bundle", "Export-Package", "vmhi.api.mgmt;version=\"1.0\"",
				"Provide-Capability",
				"osgi.ee;osgi.ee=JavaSE;version:List<Version>=\"1.7,17\"")), "/plugins");
	}

	private void format(String name, String version, String format) {
		bundle(name, version, "Provide-Capability", "vmhi.vdisk.format;vmhi.vdisk.format=" + format);
	}

	private void bundle(String name, String version, String... headers) {
		add("/bundles", false, name, version, headers);
	}

	private void plugin(String name, String version, String... headers) {
		add("/plugins", true, name, version, headers);
	}

	private void add(String folder, boolean plugin, String name, String version, String... headers) {
		jars.add(new Jar(Path.of(folder, "%s-%s.jar".formatted(name, version)), name, new Version(version),
				resource(TestJars.bundle(name, version, headers)), plugin));
	}

	private static Resource resource(Map<String, String> headers) {
		try {
			return ResourceBuilder.build("memory:", headers);
		} catch (BundleException e) {
			throw new AssertionError(e);
		}
	}
}
