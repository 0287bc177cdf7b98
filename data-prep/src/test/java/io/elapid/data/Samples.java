package io.elapid.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The small ImageNet of the tests: six classes in every layout, with every odd file. */
public final class Samples {
  public static final Path ROOT = Path.of("src/test/resources/imagenet");
  public static final Path RAW = ROOT.resolve("raw");
  public static final Path FOLDERS = ROOT.resolve("folders");
  public static final Path META = ROOT.resolve("meta");

  private Samples() {}

  /** What is in it, as told by those who made it. */
  public static JsonNode expected() throws IOException {
    return new ObjectMapper().readTree(ROOT.resolve("expected.json").toFile());
  }

  public static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  public static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
