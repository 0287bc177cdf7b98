package io.elapid.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which kernels this process computes with: those that {@code -Delapid.kernels} or the variable
 * {@code ELAPID_KERNELS} names, else those that this distribution is made for.
 *
 * @param name {@value #CPU}, {@code vector}, {@code reference}, or that of an {@link
 *     AcceleratorProvider}
 * @param origin who has chosen
 */
public record KernelChoice(String name, Origin origin) {
  /** The best kernels that this machine's processor has. */
  public static final String CPU = "cpu";

  /** System property: what the distribution is made for, in place of what the build has written. */
  public static final String DISTRIBUTION = "elapid.dist.kernels";

  private static final String VARIABLE = "ELAPID_KERNELS";
  private static final String WRITTEN = "distribution.properties";

  /** Who chooses kernels. */
  public enum Origin {
    COMMAND,
    DISTRIBUTION
  }

  /** As this process was started. */
  public static KernelChoice ofProcess() {
    String variable = System.getenv().getOrDefault(VARIABLE, "");
    String said = System.getProperty(Accelerator.KERNELS, variable).strip();
    return said.isEmpty()
        ? new KernelChoice(distribution(), Origin.DISTRIBUTION)
        : new KernelChoice(said, Origin.COMMAND);
  }

  /**
   * Whether nothing is to be computed where there is no device for these kernels: who takes a
   * distribution for a device does not mean the CPU.
   */
  public boolean required() {
    return !name.equals(CPU) && name.equals(distribution());
  }

  private static String distribution() {
    String instead = System.getProperty(DISTRIBUTION);
    return instead == null ? written() : instead;
  }

  private static String written() {
    try (InputStream in = KernelChoice.class.getResourceAsStream(WRITTEN)) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("kernels");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
