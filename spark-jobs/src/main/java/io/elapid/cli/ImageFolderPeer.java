package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** torchvision's ImageFolder and DataLoader, in a process for every pass. */
final class ImageFolderPeer {
  private static final String SCRIPT = "data-prep/src/test/bench/image_folder.py";
  private static final long LIMIT_SECONDS = 300;
  private static final String REMEDY =
      "install Debian's python3-torchvision, or set PYTHON to an interpreter that has it";

  private final List<String> command;

  ImageFolderPeer(Path folder, int size, int batch) {
    String chosen = System.getenv("PYTHON");
    String home = System.getenv("ELAPID_HOME");
    Path script = Path.of(home == null ? "." : home).resolve(SCRIPT);
    if (!Files.isRegularFile(script)) {
      throw new InputException(
          script + " is not there", "run ./elapid of a source checkout, which sets ELAPID_HOME");
    }
    this.command =
        List.of(
            chosen == null || chosen.isBlank() ? "/usr/bin/python3" : chosen,
            script.toString(),
            folder.toString(),
            Integer.toString(size),
            Integer.toString(batch));
  }

  /** What one pass took. */
  record Pass(String versions, double picturesPerSecond) {}

  /**
   * Runs once.
   *
   * @throws InputException if there is no Python or no torchvision in it
   */
  Pass run() throws IOException, InterruptedException {
    Path answer = Files.createTempFile("elapid-peer", ".json");
    try {
      Process process = start(answer);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("torchvision took more than " + LIMIT_SECONDS + " s");
      }
      JsonNode result = new ObjectMapper().readTree(answer.toFile());
      if (result.has("error") || !result.has("seconds")) {
        throw new InputException(
            "%s cannot be compared with: %s"
                .formatted(command.get(0), result.path("error").asText("it said nothing")),
            REMEDY);
      }
      return new Pass(
          result.get("versions").asText(),
          result.get("pictures").asDouble() / result.get("seconds").asDouble());
    } finally {
      Files.delete(answer);
    }
  }

  private Process start(Path answer) {
    try {
      return new ProcessBuilder(command)
          .redirectOutput(answer.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      throw new InputException("cannot start " + command.get(0), REMEDY, e);
    }
  }
}
