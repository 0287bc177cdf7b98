package io.elapid.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells about this process. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";

  private ProcessMemory() {}

  /** The most memory in bytes that this process had resident; empty where no file tells. */
  static OptionalLong peakResident() {
    try {
      return Files.exists(STATUS) ? peak(Files.readAllLines(STATUS)) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong peak(Iterable<String> lines) {
    for (String line : lines) {
      if (line.startsWith(PEAK)) {
        String kibibytes = line.substring(PEAK.length()).replace("kB", "").strip();
        return OptionalLong.of(Long.parseLong(kibibytes) << 10);
      }
    }
    return OptionalLong.empty();
  }
}
