package io.elapid.config;

import io.elapid.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the text of recipes in local files and among the bundled ones. */
final class RecipeFiles {
  private static final String FOLDER = "/conf/recipes/";
  private static final String SUFFIX = ".conf";

  /**
   * @param origin file name for messages
   */
  record Source(String origin, String text) {}

  private RecipeFiles() {}

  static String base() {
    String text = resource("/conf/base.conf");
    if (text == null) {
      throw new IllegalStateException("conf/base.conf is missing from the classpath");
    }
    return text;
  }

  static Source find(String pathOrName) {
    Optional<Path> file = local(pathOrName).filter(Files::isRegularFile);
    if (file.isPresent()) {
      return new Source(file.get().getFileName().toString(), read(file.get()));
    }
    if (pathOrName.matches("[\\w.-]+")) {
      String name = pathOrName.endsWith(SUFFIX) ? pathOrName : pathOrName + SUFFIX;
      String text = resource(FOLDER + name);
      if (text != null) {
        return new Source(name, text);
      }
    }
    if (pathOrName.matches("[A-Za-z][A-Za-z0-9+.-]+:.*") && !pathOrName.startsWith("file:")) {
      throw new InputException(
          "recipe " + pathOrName + ": recipes are read from local files",
          "Fetch it with `hdfs dfs -get %s`; where the driver runs on the cluster, send it along by --files and give its name"
              .formatted(pathOrName));
    }
    List<String> names = bundled();
    throw new InputException(
        "recipe "
            + pathOrName
            + ": no such file or bundled recipe"
            + NearestKey.hint(pathOrName, names),
        "Give the path of a .conf file or one of: " + String.join(", ", names));
  }

  private static Optional<Path> local(String path) {
    try {
      return Optional.of(path.startsWith("file:") ? Path.of(URI.create(path)) : Path.of(path));
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      // Not a path of this machine; the caller says so in the words of the user.
      return Optional.empty();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new InputException(
          "recipe " + file + ": cannot be read: " + e.getMessage(),
          "Check that it is a UTF-8 text file that you may read",
          e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = RecipeFiles.class.getResourceAsStream(name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the bundled recipes, sorted. */
  static List<String> bundled() {
    URL folder = RecipeFiles.class.getResource(FOLDER + "quickstart.conf");
    try {
      URI uri = folder.toURI();
      if (!uri.getScheme().equals("jar")) {
        return names(Path.of(uri).getParent());
      }
      URI jar = URI.create(uri.toString().substring(0, uri.toString().indexOf('!')));
      try (FileSystem files = FileSystems.newFileSystem(jar, Map.of())) {
        return names(files.getPath(FOLDER));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("cannot list the bundled recipes", e);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }
}
