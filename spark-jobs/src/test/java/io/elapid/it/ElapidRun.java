package io.elapid.it;

import io.elapid.chaos.Launcher;
import java.nio.file.Path;

/** Runs the launcher of the build that is being tested. */
final class ElapidRun extends Launcher {
  static final Path HOME = Path.of(System.getProperty("elapid.home"));

  /**
   * @param folder for logs
   */
  ElapidRun(Path folder) {
    super(HOME, folder);
  }
}
