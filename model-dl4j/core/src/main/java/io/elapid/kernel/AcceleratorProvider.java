package io.elapid.kernel;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;

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

  /**
   * Sums with that device, whether it is open or not.
   *
   * @throws AcceleratorUnavailableException when nothing here connects it with others, and why
   */
  DeviceSums sums() throws AcceleratorUnavailableException;

  /** The kind that this process is to compute with, if any. */
  static Optional<AcceleratorProvider> ofProcess() {
    return named(KernelChoice.ofProcess().name());
  }

  /** The kind of that name, if there is one. */
  static Optional<AcceleratorProvider> named(String name) {
    return all().filter(provider -> provider.name().equals(name)).findFirst();
  }

  /** Names of all kinds, in order. */
  static List<String> names() {
    return all().map(AcceleratorProvider::name).sorted().toList();
  }

  private static Stream<AcceleratorProvider> all() {
    ClassLoader loader = AcceleratorProvider.class.getClassLoader();
    return ServiceLoader.load(AcceleratorProvider.class, loader).stream()
        .map(ServiceLoader.Provider::get);
  }
}
