package vmhi.core.plugin;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import vmhi.api.cpu.CpuBackend;
import vmhi.api.cpu.CpuKind;
import vmhi.api.device.DeviceFactory;
import vmhi.api.device.DeviceKind;
import vmhi.api.hypercall.HypercallRange;
import vmhi.api.hypercall.RangeProvider;
import vmhi.api.vdisk.DiskFormat;
import vmhi.api.vdisk.StorageTransport;
import vmhi.api.vdisk.VdiskFormat;
import vmhi.api.vdisk.VdiskTransport;

/** CPU backends, device factories, hypercall ranges, disk formats and transports. */
@Component(service = PluginServices.class)
public final class PluginServices {
	private final ServicePool<CpuBackend> cpus = new ServicePool<>();
	private final ServicePool<DeviceFactory> devices = new ServicePool<>();
	private final ServicePool<RangeProvider> ranges = new ServicePool<>();
	private final ServicePool<DiskFormat> formats = new ServicePool<>();
	private final ServicePool<StorageTransport> transports = new ServicePool<>();

	/** With nothing there yet. */
	@Activate
	public PluginServices() {}

	/** CPU backends; roles are {@code cpu:KIND}. */
	public ServicePool<CpuBackend> cpus() {
		return cpus;
	}

	/** Device factories; roles are {@code device:KIND}. */
	public ServicePool<DeviceFactory> devices() {
		return devices;
	}

	/** Hypercall ranges; roles are {@code hypercall:RANGE}. */
	public ServicePool<RangeProvider> ranges() {
		return ranges;
	}

	/** Disk formats; roles are {@code disk:FORMAT}. */
	public ServicePool<DiskFormat> formats() {
		return formats;
	}

	/** Transports of images that are not files; roles are {@code transport:SCHEME}. */
	public ServicePool<StorageTransport> transports() {
		return transports;
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addCpu(CpuBackend service, ServiceReference<CpuBackend> reference) {
		cpus.add(Plugin.of("cpu:" + reference.getProperty(CpuKind.NAME), service, reference));
	}

	void removeCpu(CpuBackend service) {
		cpus.remove(service);
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addDevice(DeviceFactory service, ServiceReference<DeviceFactory> reference) {
		devices.add(Plugin.of("device:" + reference.getProperty(DeviceKind.NAME), service, reference));
	}

	void removeDevice(DeviceFactory service) {
		devices.remove(service);
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addRange(RangeProvider service, ServiceReference<RangeProvider> reference) {
		ranges.add(Plugin.of("hypercall:" + reference.getProperty(HypercallRange.NAME), service, reference));
	}

	void removeRange(RangeProvider service) {
		ranges.remove(service);
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addFormat(DiskFormat service, ServiceReference<DiskFormat> reference) {
		formats.add(Plugin.of("disk:" + reference.getProperty(VdiskFormat.NAME), service, reference));
	}

	void removeFormat(DiskFormat service) {
		formats.remove(service);
	}

	@Reference(policy = DYNAMIC, cardinality = MULTIPLE)
	void addTransport(StorageTransport service, ServiceReference<StorageTransport> reference) {
		transports.add(Plugin.of("transport:" + reference.getProperty(VdiskTransport.NAME), service, reference));
	}

	void removeTransport(StorageTransport service) {
		transports.remove(service);
	}
}
