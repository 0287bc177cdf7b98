package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.data.InputException;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The result of an evaluation as a file for other programs: {@code samples}, {@code measures} by
 * the names that recipes give them, and {@code details}, from which the measures were computed.
 */
final class ResultFile {
  private static final JsonMapper JSON = new JsonMapper();

  private ResultFile() {}

  /**
   * Looks before anything is computed.
   *
   * @throws InputException if no file can be written there
   */
  static void check(Path file) {
    if (Files.isDirectory(file)) {
      throw new InputException("--json: %s is a folder".formatted(file), "name a file");
    }
    Path there = nearest(file);
    if (!there.equals(file.toAbsolutePath()) && !Files.isDirectory(there)) {
      throw new InputException(
          "--json: %s cannot be there: %s is no folder".formatted(file, there),
          "name another file");
    }
    if (!Files.isWritable(there)) {
      throw new InputException(
          "--json: %s cannot be written: %s is not to be written to by %s"
              .formatted(file, there, System.getProperty("user.name")),
          "name another file, or have the folder made for this user");
    }
  }

  /** The file, or else the innermost folder of its path that is there. */
  private static Path nearest(Path file) {
    Path there = file.toAbsolutePath();
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    return there;
  }

  static void write(Path file, SplitScore score) throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.put("samples", score.samples());
    ObjectNode measures = result.putObject("measures");
    score.measures().forEach(measures::put);
    result.set("details", JSON.readTree(score.encode()));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, JSON.writeValueAsString(result));
  }

  /**
   * Why a result is not good enough; empty if it is.
   *
   * @throws InputException if the file has no such measure
   */
  static String shortfall(Path file, String metric, double least) throws IOException {
    JsonNode measures = JSON.readTree(file.toFile()).path("measures");
    double value = measures.path(metric).asDouble(Double.NaN);
    if (!measures.has(metric)) {
      List<String> names = new ArrayList<>();
      measures.fieldNames().forEachRemaining(names::add);
      throw new InputException(file + " has no " + metric, "ask for one of " + names);
    }
    return value >= least
        ? ""
        : String.format(Locale.ROOT, "%s is %.4f, below %s: %s", metric, value, least, file);
  }
}
