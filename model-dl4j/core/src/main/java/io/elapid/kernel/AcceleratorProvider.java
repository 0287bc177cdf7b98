package io.elapid.kernel;

import java.util.Optional;
import java.util.ServiceLoader;

/** Finds a kind of {@link Accelerator}; backends offer theirs through {@code ServiceLoader}. */
public interface AcceleratorProvider {
  /** Name that asks for this kind, as in {@code -Delapid.kernels=cuda}. */
  String name();

  /**
   * Takes hold of a device.
   *
   * @throws AcceleratorUnavailableException when there is none that can be used, and why
   */
  Accelerator open() throws AcceleratorUnavailableException;

  /**
   * Watches the device that {@link Accelerator#DEVICE} names, whether it is open or not.
   *
   * @throws AcceleratorUnavailableException when nothing here measures it, and why
   */
  DeviceMonitor monitor() throws AcceleratorUnavailableException;

  /** The kind that this process is to compute with, if any. */
  static Optional<AcceleratorProvider> ofProcess() {
    String name = System.getProperty(Accelerator.KERNELS, "");
    return ServiceLoader.load(AcceleratorProvider.class, AcceleratorProvider.class.getClassLoader())
        .stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.name().equals(name))
        .findFirst();
  }
}
