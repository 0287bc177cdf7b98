package io.elapid.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Where a result comes from: the code, the machine and the time here, and what the caller adds,
 * such as the version of Spark and the hash of the data set.
 */
public final class Provenance {
  private static final String CODE = "/META-INF/maven/io.elapid/elapid-model/pom.properties";

  private Provenance() {}

  /** This process now, followed by {@code facts}, in that order. */
  public static Map<String, String> here(Clock clock, Map<String, String> facts) {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    provenance.put("code", "elapid " + codeVersion());
    provenance.put(
        "jvm",
        "%s %s (%s)"
            .formatted(
                System.getProperty("java.vm.name"),
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vendor")));
    provenance.put(
        "os", "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version")));
    provenance.put(
        "machine",
        "%s, %s, %d processors"
            .formatted(
                processor(),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors()));
    provenance.putAll(facts);
    return provenance;
  }

  private static String codeVersion() {
    try (InputStream in = Provenance.class.getResourceAsStream(CODE)) {
      if (in != null) {
        Properties maven = new Properties();
        maven.load(in);
        return maven.getProperty("version", "unknown");
      }
    } catch (IOException e) {
      return "unknown";
    }
    return "built from source";
  }

  private static String processor() {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }
}
