package io.elapid.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells about this process. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** The most memory in bytes that this process had resident; empty where no file tells. */
  static OptionalLong peakResident() {
    return field("VmHWM:");
  }

  /** The memory in bytes that this process has resident now; empty where no file tells. */
  static OptionalLong resident() {
    return field("VmRSS:");
  }

  private static OptionalLong field(String name) {
    try {
      return Files.exists(STATUS) ? field(name, Files.readAllLines(STATUS)) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong field(String name, Iterable<String> lines) {
    for (String line : lines) {
      if (line.startsWith(name)) {
        String kibibytes = line.substring(name.length()).replace("kB", "").strip();
        return OptionalLong.of(Long.parseLong(kibibytes) << 10);
      }
    }
    return OptionalLong.empty();
  }
}
