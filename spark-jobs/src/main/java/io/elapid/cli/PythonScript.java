package io.elapid.cli;

import io.elapid.data.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Python programs of the source checkout that this one is compared with. */
final class PythonScript {
  private PythonScript() {}

  /** The interpreter that PYTHON names, or Debian's. */
  static String interpreter() {
    String chosen = System.getenv("PYTHON");
    return chosen == null || chosen.isBlank() ? "/usr/bin/python3" : chosen;
  }

  /**
   * How to run one.
   *
   * @param script relative to Elapid's home
   * @throws InputException if it is not there
   */
  static List<String> command(String script, String... arguments) {
    String home = System.getenv("ELAPID_HOME");
    Path path = Path.of(home == null ? "." : home).resolve(script);
    if (!Files.isRegularFile(path)) {
      throw new InputException(
          "%s is not there".formatted(path),
          "run ./elapid of a source checkout, which sets ELAPID_HOME");
    }
    List<String> command = new ArrayList<>(List.of(interpreter(), path.toString()));
    command.addAll(List.of(arguments));
    return command;
  }
}
