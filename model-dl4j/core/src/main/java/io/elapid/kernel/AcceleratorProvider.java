package io.elapid.kernel;

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
}
