package vmhi.core.vdisk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.io.TempDir;

import vmhi.api.vdisk.Storage;
import vmhi.tck.vdisk.StorageContract;

/** The core's files keep the contract that formats are written against. */
class FileStorageContractTest implements StorageContract {
	@TempDir
	private Path folder;

	private static ImageChain chain() {
		return new ImageChain(null, "test", List.of(), Set.of());
	}

	@Override
	public Storage empty() throws IOException {
		return FileStorage.open(Files.createTempFile(folder, "empty", ".img"), false, chain());
	}

	@Override
	public Storage forReading(byte[] content) throws IOException {
		return FileStorage.open(Files.write(Files.createTempFile(folder, "reading", ".img"), content), true, chain());
	}
}
