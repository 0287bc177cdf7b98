package io.elapid.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Which kernels this process computes with: those that {@code -Delapid.kernels} or the variable
 * {@code ELAPID_KERNELS} names, else those that its last run has asked for, else those that this
 * distribution is made for.
 *
 * @param name {@value #CPU}, {@code vector}, {@code reference}, or that of an {@link
 *     AcceleratorProvider}
 */
public record KernelChoice(String name) {
  /** The best kernels that this machine's processor has. */
  public static final String CPU = "cpu";

  /** System property: what the distribution is made for, in place of what the build has written. */
  public static final String DISTRIBUTION = "elapid.dist.kernels";

  private static final String VARIABLE = "ELAPID_KERNELS";
  private static final String WRITTEN = "distribution.properties";

  private static final AtomicReference<String> PREFERRED = new AtomicReference<>("");

  /** As this process was started, whatever its runs have asked for since. */
  public static KernelChoice ofStart() {
    String said = said();
    return new KernelChoice(said.isEmpty() ? distribution() : said);
  }

  /** What this process is to compute with now. */
  public static KernelChoice ofProcess() {
    String preferred = PREFERRED.get();
    return said().isEmpty() && !preferred.isEmpty() ? new KernelChoice(preferred) : ofStart();
  }

  /**
   * Asks for kernels, which this process uses once {@link io.elapid.op.OpRunner} chooses again;
   * those that it was started with stay.
   */
  public static void prefer(String kernels) {
    PREFERRED.set(kernels);
  }

  private static String said() {
    String variable = System.getenv().getOrDefault(VARIABLE, "");
    return System.getProperty(Accelerator.KERNELS, variable).strip();
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
