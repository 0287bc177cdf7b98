package io.elapid.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Golden files under {@code -Delapid.golden.dir}, searched recursively, so that files of another
 * seed run by the same tests.
 */
public final class Goldens {
  private static final Path HOME = Path.of("src/test/resources/golden");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Goldens() {}

  /** One golden file. */
  public record Golden(Path path, JsonNode json) {
    /** The filler of its inputs and weights; files that name no seed mean 1. */
    public Filler filler() {
      return new Filler(json.path("seed").asLong(1));
    }

    /** Cases of an {@code ops/} file. */
    public List<JsonNode> cases() {
      return elements(json.path("cases"));
    }

    @Override
    public String toString() {
      return path.getParent().getFileName() + "/" + path.getFileName();
    }
  }

  /**
   * All golden files of that file name, sorted by path; if there are none, as {@link #absent} says.
   */
  public static List<Golden> discover(String fileName) {
    List<Golden> found = all(path -> path.getFileName().toString().equals(fileName));
    if (found.isEmpty()) {
      absent(fileName);
    }
    return found;
  }

  /** All golden files whose path satisfies the condition, sorted by path; maybe none. */
  public static List<Golden> all(Predicate<Path> condition) {
    try (Stream<Path> files = Files.walk(directory())) {
      return files
          .filter(p -> p.toString().endsWith(".json"))
          .filter(condition)
          .sorted()
          .map(Goldens::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where golden files are looked for. */
  public static Path directory() {
    return Path.of(System.getProperty("elapid.golden.dir", HOME.toString()));
  }

  /** Whether {@link #directory()} has the files that ship with the tests. */
  public static boolean areOurs() {
    return directory().endsWith(HOME);
  }

  /**
   * Says that there is no golden file of a kind: our own have all kinds, so the test fails; a
   * folder given by property need not, so it is skipped.
   */
  public static void absent(String kind) {
    String message = "no golden file of kind %s under %s".formatted(kind, directory());
    if (areOurs()) {
      throw new IllegalStateException(message);
    }
    Assumptions.abort(message);
  }

  private static Golden read(Path path) {
    try {
      return new Golden(path, JSON.readTree(path.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
  }

  /** Elements of a JSON array. */
  public static List<JsonNode> elements(JsonNode array) {
    Stream.Builder<JsonNode> elements = Stream.builder();
    array.forEach(elements);
    return elements.build().toList();
  }

  /** An array of numbers. */
  public static double[] doubles(JsonNode array) {
    return elements(array).stream().mapToDouble(JsonNode::asDouble).toArray();
  }

  /** An array of whole numbers, as shapes and indices are. */
  public static long[] longs(JsonNode array) {
    return elements(array).stream().mapToLong(JsonNode::asLong).toArray();
  }
}
