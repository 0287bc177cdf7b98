package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.data.InputException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** torchvision's ImageFolder and DataLoader, in a process for every pass. */
final class ImageFolderPeer {
  private static final String SCRIPT = "data-prep/src/test/bench/image_folder.py";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String REMEDY =
      "install Debian's python3-torchvision, or set PYTHON to an interpreter that has it";

  private final List<String> command;

  ImageFolderPeer(Path folder, int size, int batch) {
    this.command =
        PythonScript.command(
            SCRIPT, folder.toString(), Integer.toString(size), Integer.toString(batch));
  }

  /** What one pass took. */
  record Pass(String versions, double picturesPerSecond) {}

  /**
   * Runs once.
   *
   * @throws InputException if there is no Python or no torchvision in it
   */
  Pass run() {
    JsonNode result = answer();
    if (result.has("error") || !result.has("seconds")) {
      throw new InputException(
          "%s cannot be compared with: %s"
              .formatted(command.get(0), result.path("error").asText("it said nothing")),
          REMEDY);
    }
    return new Pass(
        result.get("versions").asText(),
        result.get("pictures").asDouble() / result.get("seconds").asDouble());
  }

  private JsonNode answer() {
    try {
      return ChildAnswer.of(command, LIMIT);
    } catch (UncheckedIOException e) {
      throw new InputException("cannot start " + command.get(0), REMEDY, e);
    }
  }
}
