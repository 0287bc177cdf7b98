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

/**
 * Golden files under {@code -Delapid.golden.dir}, searched recursively, so that files of another
 * seed run by the same tests.
 */
public final class Goldens {
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

  /** All golden files of that file name, sorted by path; at least one, or the call fails. */
  public static List<Golden> discover(String fileName) {
    return discover(path -> path.getFileName().toString().equals(fileName));
  }

  /**
   * All golden files whose path satisfies the condition, sorted by path; at least one, or the call
   * fails.
   */
  public static List<Golden> discover(Predicate<Path> condition) {
    String directory = System.getProperty("elapid.golden.dir", "src/test/resources/golden");
    try (Stream<Path> files = Files.walk(Path.of(directory))) {
      List<Golden> found =
          files
              .filter(p -> p.toString().endsWith(".json"))
              .filter(condition)
              .sorted()
              .map(Goldens::read)
              .toList();
      if (found.isEmpty()) {
        throw new IllegalStateException("no such golden file under " + directory);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
